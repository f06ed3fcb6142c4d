import { isRevocation, revocationToken } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { formRules } from '../../protocol/secret/credential-form.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import type { Ready } from './check-secret.ts';
import { isComplete, type RotateReport, type ShowProgress } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/** Why no replaced credential of a secret can be revoked: it holds the password of a user. */
export function refuseRevocation({ secret: { name }, strategy }: Ready): CommandRefusal | undefined {
  return formRules(strategy).isPerVersion
    ? undefined
    : refused(
        'no-api-key',
        `${name} holds the password of a user, and a rotation ends the password that it replaces.`,
        `Nothing was changed. Use \`zilliz-rotation rotate ${name}\`, and --both-users if two users take turns.`,
      );
}

/**
 * Rotates with a token with which the function deletes the replaced API key. A rotation that ran
 * before replaces the key without that, so another one follows.
 */
export async function rotateAndRevoke(
  secretId: string,
  options: RotateOptions,
  ports: RotatePorts,
  showProgress: ShowProgress,
): Promise<readonly RotateReport[]> {
  const revoking = { ...ports, newToken: () => revocationToken(ports.newToken().replaceAll('-', '')) };
  const first = await rotateSecret(secretId, options, revoking, showProgress);
  const isOther = first.versionId !== undefined && !isRevocation(first.versionId);
  return isOther && isComplete(first.outcome)
    ? [first, await rotateSecret(secretId, options, revoking, showProgress)]
    : [first];
}

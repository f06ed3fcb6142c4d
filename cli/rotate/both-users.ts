import { isRevocation, isWithoutGap, tokenWithoutGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import { hasRotatedSince } from '../select/conditions.ts';
import type { SelectionOptions } from '../select/selection-options.ts';
import { alternatingUsersOf, type Ready } from './check-secret.ts';
import { isComplete, type RotateReport, type ShowProgress } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/** Why both users of a secret cannot rotate: the command does not know whether there are two. */
export function refuseUnknownUsers({ strategy }: Ready): CommandRefusal {
  return refused(
    'users-unknown',
    strategy.notes.join(' '),
    'Allow lambda:GetFunctionConfiguration, and repeat the command.',
  );
}

/**
 * Whether a rotation after a leak has replaced each credential of a secret since `--older-than`, so
 * that a repeated command leaves out the secret. Both passwords of two users are from a rotation of
 * `--both-users`, and an API key is from one of `--revoke-previous`.
 */
export async function hasNewCredentials(
  ready: Ready,
  { olderThan, revokePrevious = false }: Pick<SelectionOptions, 'olderThan' | 'revokePrevious'>,
  { aws, clock }: Pick<RotatePorts, 'aws' | 'clock'>,
): Promise<boolean> {
  const { secret } = ready;
  if (olderThan === undefined || unfinishedVersion(secret) !== undefined) {
    return false;
  }
  if (!revokePrevious && alternatingUsersOf(ready) === undefined) {
    return hasRotatedSince(secret, { olderThan }, clock.now());
  }
  const listed = await catchKnown(aws.store(secret.arn).list(), SecretStoreError);
  // If AWS does not tell the dates, the passwords are replaced once more.
  const versions = listed instanceof SecretStoreError ? [] : listed;
  const [labels, isAsked] = revokePrevious ? [[AWSCURRENT], isRevocation] : [[AWSCURRENT, AWSPREVIOUS], isWithoutGap];
  return labels.every((label) => {
    const version = versions.find(({ versionId }) => versionId === holderOf(secret, label));
    return version !== undefined && isAsked(version.versionId) && version.createdAt > olderThan.startOf(clock.now());
  });
}

/**
 * Rotates both users, without the minimum gap. Stops after a rotation that is not complete.
 *
 * @returns a report of each rotation
 */
export async function rotateBothUsers(
  secretId: string,
  options: RotateOptions,
  ports: RotatePorts,
  showProgress: ShowProgress,
): Promise<readonly RotateReport[]> {
  const withoutGap = { ...ports, newToken: () => tokenWithoutGap(ports.newToken()) };
  const first = await rotateSecret(secretId, options, withoutGap, showProgress);
  return isComplete(first.outcome) ? [first, await rotateSecret(secretId, options, withoutGap, showProgress)] : [first];
}

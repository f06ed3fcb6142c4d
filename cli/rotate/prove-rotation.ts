import { mayReplace } from '../../protocol/credential/stored-credential.ts';
import { isRevocation } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { isRejected, loginWithCheck } from '../cluster/login-with-check.ts';
import { jsonName, nameOf } from '../credential-forms.ts';
import { catchKnown } from '../outcome/failure.ts';
import { checkSecret } from './check-secret.ts';
import { explainInterruption, type NotProven, type RotateOutcome } from './outcome.ts';
import { proveRevocation } from './prove-revocation.ts';
import type { RotatePorts } from './rotate-ports.ts';
import type { Started } from './start-rotation.ts';

const REPEAT_THE_LOGIN: string =
  'The rotation function tested the credential before it became current. Repeat the login on a machine that reaches the cluster:';

/**
 * Logs in after AWSCURRENT has moved: with the new credential, and with the API keys that the
 * rotation deleted.
 */
export async function proveRotation(started: Started, ports: RotatePorts, notes: string[]): Promise<RotateOutcome> {
  if (ports.interrupted.aborted) {
    return explainInterruption(started.secret.name);
  }
  const confirmed = await confirmLogin(started, ports);
  if (confirmed.kind !== 'rotated' || !isRevocation(started.versionId)) {
    return confirmed;
  }
  const proof = await proveRevocation(started, ports);
  if (typeof proof !== 'string') {
    return proof;
  }
  notes.push(proof);
  return confirmed;
}

/** Logs in with the new version, unless it names a user that the rotation cannot have changed. */
async function confirmLogin(
  { secret, versionId, previous, strategy, read }: Started,
  ports: RotatePorts,
): Promise<RotateOutcome> {
  const unconfirmed = (code: string, reason: string, next = REPEAT_THE_LOGIN): RotateOutcome => ({
    kind: 'unconfirmed',
    code,
    message: `AWSCURRENT of ${secret.name} has moved to the new version ${versionId}. This command could not confirm its login. ${reason}`,
    advice: `${next} \`zilliz-rotation status ${secret.name}\`.`,
  });
  const stored = await catchKnown(read(versionId), SecretStoreError);
  if (stored instanceof SecretStoreError || stored.kind === 'unusable') {
    return unconfirmed('unreadable', stored instanceof SecretStoreError ? stored.message : stored.problem);
  }
  const { credentials } = stored;
  const name = nameOf(credentials);
  const endpoint = credentials.endpoint.url;
  // Another rotation may have moved AWSCURRENT before this one began. Then it was the other turn.
  const expected = [strategy.next(previous.credentials, strategy.pins), previous.credentials];
  if (!expected.some((user) => mayReplace(credentials, user))) {
    const users = [...new Set(expected.map((user) => `${nameOf(user)} at ${user.endpoint.url}`))].join(' or ');
    return unconfirmed(
      'other-user',
      `The new version holds ${formOf(credentials).noun} at ${endpoint}. Expected is ${users}. The new credential was not sent. ${strategy.notes.join(' ')}`.trim(),
    );
  }
  ports.showProgress?.(`logging in to ${endpoint} with the new credential, of ${name}`);
  const login = await loginWithCheck(
    credentials,
    { ...ports, propagationMs: strategy.config?.propagationMs },
    'everywhere',
  );
  switch (login.kind) {
    case 'accepted':
      return {
        kind: 'rotated',
        login: { endpoint, ...jsonName(credentials), roles: [...login.roles] },
      };
    case 'rejected':
      return {
        kind: 'rejected',
        code: 'login-rejected',
        message:
          `AWSCURRENT of ${secret.name} is the new version ${versionId}. ` +
          `${endpoint} rejects its credential, of ${name}, so applications that read the secret now ` +
          'cannot log in.',
        advice:
          'Another rotation of the same user or API key, for example by another secret, is the likely cause. ' +
          `Find the accepted credential with \`zilliz-rotation status ${secret.name}\`. ` +
          `Then move AWSCURRENT to it with \`zilliz-rotation repair ${secret.name}\`.`,
      };
    case 'not-enforced':
      return unconfirmed(
        'authorization-off',
        `${endpoint} accepts a wrong credential in place of ${name} too. Authorization is off there, so a login proves nothing.`,
        'Switch authorization on (common.security.authorizationEnabled). Then find out which credential is accepted with',
      );
    case 'undecided':
      return ports.interrupted.aborted
        ? explainInterruption(secret.name)
        : unconfirmed(login.reason === 'forbidden' ? 'login-forbidden' : 'cluster-unavailable', login.explanation);
  }
}

/** In these cases, the function knows what the cluster accepts, so its advice is enough. */
const IS_KNOWN: readonly string[] = ['current', 'none of the stored'];

/**
 * If a step failed and the cluster may have the new credential, logs in with AWSCURRENT.
 *
 * @returns the failure, or that the cluster rejects AWSCURRENT
 */
export async function checkCurrent(
  failure: NotProven,
  { secret: { arn, name }, aws }: Started,
  ports: RotatePorts,
): Promise<NotProven> {
  const { step, accepted = '', code, message } = failure;
  const checked =
    step === undefined || IS_KNOWN.includes(accepted) ? undefined : await checkSecret({ secretId: arn, aws }, ports);
  if (checked?.kind !== 'checked' || !(await isRejected(checked.previous.credentials, ports))) {
    return failure;
  }
  const { url } = checked.previous.credentials.endpoint;
  return {
    ...failure,
    code: 'current-not-in-force',
    message: `${url} rejects AWSCURRENT of ${name} now, so applications that read the secret cannot log in. ${message} (${code})`,
    advice: `Move AWSCURRENT to the accepted version with \`zilliz-rotation repair ${name}\`.`,
  };
}

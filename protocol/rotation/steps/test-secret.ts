import { isSameUser, type UsableCredential } from '../../credential/stored-credential.ts';
import { formOf } from '../../secret/credential-form.ts';
import type { Pins } from '../../secret/rotated-secrets.ts';
import { isFirstValue } from '../../secret/versions.ts';
import { canLogIn, diagnoseRejectionByLogin, requireAuthorization } from '../can-log-in.ts';
import { RotationError } from '../errors.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import type { Attempt, RotatedPair } from '../strategies/strategy.ts';
import { printableUser } from '../strategies/strategy.ts';

/**
 * Proves that the pending password logs in and that a random password does not. With authorization
 * switched off, Milvus accepts every token, so a login alone proves nothing.
 *
 * When a schedule is configured, Secrets Manager tests the function with a pending version that
 * equals the current one. Then one accepted login is enough, and the placeholder of a new secret
 * is not tested: a stack creates its schedule right after it, and a failure would raise an alarm
 * at each such deployment.
 */
export async function testSecret(
  ports: RotationPorts,
  { description, pins, strategy }: Attempt,
  { current, pending }: RotatedPair,
): Promise<StepOutcome> {
  const { password } = pending.credentials;
  const isSame = isSameUser(pending.credentials, current.credentials);
  if (isSame && password === current.credentials.password) {
    if (!(await canLogIn(ports, current.credentials, 'twice'))) {
      if (isFirstValue(description)) {
        ports.report({ event: 'placeholder' });
        return 'not-tested';
      }
      throw currentRejected(pins, current);
    }
  } else if (!(await canLogIn(ports, pending.credentials, 'everywhere'))) {
    throw await diagnoseRejectionByLogin(ports, { current, pending });
  }
  await requireAuthorization(ports, pending.credentials);
  ports.report({ event: 'authorization-checked' });
  if (!isSame) {
    await strategy.compare?.(ports, { current, pending });
  }
  return 'tested';
}

function currentRejected(pins: Pins, { credentials }: UsableCredential): RotationError {
  return new RotationError(
    'CURRENT_REJECTED',
    `${credentials.endpoint.url} rejects ${formOf(credentials).secretOf(printableUser(pins, credentials))} in AWSCURRENT.`,
  );
}

import { isSameUser } from '../../credential/stored-credential.ts';
import { formOf } from '../../secret/credential-form.ts';
import { isFirstValue } from '../../secret/versions.ts';
import { canLogIn, requireAuthorization, requirePendingAccepted } from '../can-log-in.ts';
import { RotationError } from '../errors.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { type Attempt, type PendingAttempt, printableUser } from '../strategies/strategy.ts';

/**
 * Proves that the pending password logs in and that a random password does not.
 *
 * When a schedule is configured, Secrets Manager tests the function with a pending version that
 * equals the current one. Then one accepted login is enough, and the placeholder of a new secret
 * is not tested: a stack creates its schedule right after it, and a failure would raise an alarm
 * at each such deployment.
 */
export async function testSecret(ports: RotationPorts, attempt: PendingAttempt): Promise<StepOutcome> {
  const { description, current, pending, strategy } = attempt;
  const { password } = pending.credentials;
  const isSame = isSameUser(pending.credentials, current.credentials);
  if (isSame && password === current.credentials.password) {
    if (!(await canLogIn(ports, current.credentials, 'twice'))) {
      if (isFirstValue(description)) {
        ports.report({ event: 'placeholder' });
        return 'not-tested';
      }
      throw currentRejected(attempt);
    }
  } else {
    await requirePendingAccepted(ports, attempt);
  }
  await requireAuthorization(ports, pending.credentials);
  ports.report({ event: 'authorization-checked' });
  if (!isSame) {
    await strategy.compare?.(ports, attempt);
  }
  return 'tested';
}

function currentRejected({ current: { credentials }, pins }: Attempt): RotationError {
  return new RotationError(
    'CURRENT_REJECTED',
    `${credentials.endpoint.url} rejects ${formOf(credentials).secretOf(printableUser(pins, credentials))} in AWSCURRENT.`,
  );
}

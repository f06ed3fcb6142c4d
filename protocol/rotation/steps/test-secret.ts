import type { LoginAnswer } from '../../cluster/login.ts';
import { isSameUser, type UsableCredential } from '../../credential/stored-credential.ts';
import { formRules } from '../../secret/credential-form.ts';
import type { Pins } from '../../secret/rotated-secrets.ts';
import { isFirstValue } from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import {
  canLogInEverywhere,
  diagnoseRejectionByLogin,
  logInWithCurrent,
  requireAuthorization,
  requireDecided,
} from '../logins.ts';
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
    const login = await logInWithCurrent(ports, current);
    if (login.kind === 'rejected' && isFirstValue(description)) {
      ports.report({ event: 'placeholder' });
      return 'not-tested';
    }
    requireCurrentAccepted(login, pins, current);
  } else if (!(await canLogInEverywhere(ports, pending.credentials))) {
    throw await diagnoseRejectionByLogin(ports, { current, pending });
  }
  await requireAuthorization(ports, pending.credentials);
  ports.report({ event: 'authorization-checked' });
  if (!isSame) {
    await strategy.compare?.(ports, { current, pending });
  }
  return 'tested';
}

function requireCurrentAccepted(login: LoginAnswer, pins: Pins, current: UsableCredential): void {
  const { credentials } = current;
  requireDecided(login, credentials);
  if (login.kind === 'rejected') {
    throw new RotationError(
      'CURRENT_REJECTED',
      `${credentials.endpoint.url} rejects ${formRules(credentials).secretOf(printableUser(pins, credentials))} in AWSCURRENT.`,
    );
  }
}

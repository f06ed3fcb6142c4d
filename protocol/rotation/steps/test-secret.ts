import { SECOND_LOGIN_AFTER_MS } from '../../credential/login-rules.ts';
import { keepsCurrentValid } from '../../credential/rotation-strategy.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { Attempt, RotatedPair } from '../attempt.ts';
import { RotationError } from '../errors.ts';
import { canLogIn, canLogInEverywhere, diagnoseRejectionByLogin } from '../logins.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';
import { compareUsers } from '../two-users/compare-users.ts';

/**
 * Proves that the pending password logs in and that a random password does not. With authorization
 * switched off, Milvus accepts every token, so a login alone proves nothing.
 *
 * When a schedule is configured, Secrets Manager tests the function with a pending version that
 * equals the current one. Then one accepted login is enough.
 */
export async function testSecret(
  ports: RotationPorts,
  { strategy }: Attempt,
  { current, pending }: RotatedPair,
): Promise<Outcome> {
  const { username, password } = pending.credentials;
  if (username === current.credentials.username && password === current.credentials.password) {
    await logInWithCurrent(ports, current);
  } else if (!(await canLogInEverywhere(ports, pending.credentials))) {
    throw await diagnoseRejectionByLogin(ports, { current, pending });
  }
  if (await canLogIn(ports, { ...pending.credentials, password: ports.newPassword() })) {
    throw new RotationError(
      'AUTHORIZATION_OFF',
      `${pending.credentials.endpoint.url} accepts a password that was never set.`,
    );
  }
  ports.report({ event: 'authorization-checked' });
  if (keepsCurrentValid(strategy, current.credentials)) {
    await compareUsers(ports, { current, pending });
  }
  return 'tested';
}

/**
 * Does not wait for slow proxies, because no change precedes this login. Logs in again after a
 * rejection for the same reason as findInForce.
 */
async function logInWithCurrent(ports: RotationPorts, { credentials }: UsableCredential): Promise<void> {
  if (await canLogIn(ports, credentials)) {
    return;
  }
  ports.report({ event: 'search-repeated', waitMs: SECOND_LOGIN_AFTER_MS });
  await ports.clock.wait(SECOND_LOGIN_AFTER_MS);
  if (!(await canLogIn(ports, credentials))) {
    throw new RotationError(
      'CURRENT_REJECTED',
      `${credentials.endpoint.url} rejects the current password of ${credentials.username}.`,
    );
  }
}

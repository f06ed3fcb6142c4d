import { checkAuthorization } from '../../cluster/login.ts';
import { isSameUser, type UsableCredential } from '../../credential/stored-credential.ts';
import type { Attempt, RotatedPair } from '../attempt.ts';
import { RotationError } from '../errors.ts';
import {
  authorizationOff,
  canLogInEverywhere,
  diagnoseRejectionByLogin,
  logInWithCurrent,
  loginPorts,
  undecidedError,
} from '../logins.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';

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
  const { endpoint, password } = pending.credentials;
  const isSame = isSameUser(pending.credentials, current.credentials);
  if (isSame && password === current.credentials.password) {
    await requireCurrent(ports, current);
  } else if (!(await canLogInEverywhere(ports, pending.credentials))) {
    throw await diagnoseRejectionByLogin(ports, { current, pending });
  }
  const checked = await checkAuthorization(loginPorts(ports), pending.credentials, { kind: 'accepted', roles: [] });
  if (checked.kind === 'undecided') {
    throw undecidedError(checked);
  }
  if (checked.kind === 'not-enforced') {
    throw authorizationOff(endpoint.url);
  }
  ports.report({ event: 'authorization-checked' });
  if (!isSame) {
    await strategy.compare(ports, { current, pending });
  }
  return 'tested';
}

async function requireCurrent(ports: RotationPorts, current: UsableCredential): Promise<void> {
  const { endpoint, username } = current.credentials;
  const login = await logInWithCurrent(ports, current);
  if (login.kind === 'undecided') {
    throw undecidedError(login);
  }
  if (login.kind === 'rejected') {
    throw new RotationError('CURRENT_REJECTED', `${endpoint.url} rejects the current password of ${username}.`);
  }
}

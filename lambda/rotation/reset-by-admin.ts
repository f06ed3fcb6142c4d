import { ADMIN_USERNAMES, readAdminCredential } from '../../credential/admin-credential.ts';
import type { UnusableCredential, UsableCredential } from '../../credential/stored-credential.ts';
import { usersOf } from '../../secret/rotated-secrets.ts';
import type { Attempt, RotatedPair } from './attempt.ts';
import { pinnedTarget } from './configured-secrets.ts';
import { RotationError } from './errors.ts';
import { noneInForce, unknownUser } from './find-in-force.ts';
import { canLogIn, canLogInAfterChange, requireTimeFor, unsettledIfUndecided } from './logins.ts';
import { releaseVersion } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import type { Outcome } from './progress.ts';

/**
 * Sets the pending password with the admin credential, after the cluster has rejected every stored
 * password. Only a function with an admin secret does this, and its log says so.
 *
 * Whoever may write a secret chooses the endpoint and the user in it. So the function resets a
 * password only if the deployment pins both.
 *
 * @param denied a stored version that could not be read. Its password may be the one in force.
 */
export async function resetByAdmin(
  ports: RotationPorts,
  attempt: Attempt,
  { pending }: RotatedPair,
  denied: UnusableCredential | undefined,
): Promise<Outcome> {
  if (ports.readAdmin === undefined) {
    throw noneInForce(pending, denied);
  }
  const { endpoint, username, password } = pending.credentials;
  const target = pinnedTarget(attempt.description, ports.settings);
  if (target.endpoint === undefined || usersOf(target).length === 0) {
    if (denied !== undefined) {
      throw noneInForce(pending, denied);
    }
    throw notAllowed(pending, 'the configuration of the function does not pin endpoint and username of this secret');
  }
  const credential = readAdminCredential(await ports.readAdmin(), endpoint, ports.settings.endpointRules);
  if (credential.kind === 'unusable') {
    throw new RotationError('ADMIN_INVALID', `The admin secret cannot be used. ${credential.problem}`);
  }
  if (ADMIN_USERNAMES.includes(username) || username === credential.username) {
    throw notAllowed(pending, 'this user administers the cluster');
  }
  requireTimeFor(2, ports, 'none of the stored');
  ports.report({ event: 'change-asked', from: 'admin' });
  const answer = await ports.cluster.resetPassword(credential.admin, username, password);
  ports.report({ event: 'change-answered', answer });
  const refused = answer.kind === 'refused' && answer.reason !== 'unclear';
  try {
    if (await (refused ? canLogIn : canLogInAfterChange)(ports, pending.credentials)) {
      return 'reset-by-admin';
    }
  } catch (error) {
    throw unsettledIfUndecided(error, pending.credentials);
  }
  const user = `${username} at ${endpoint.url}`;
  if (!refused) {
    const said = answer.kind === 'changed' ? '' : ` (${answer.answer})`;
    throw new RotationError('CHANGE_UNSETTLED', `The reset of ${user} by the admin is not in force${said}.`);
  }
  if (answer.reason === 'unknown-user') {
    throw unknownUser(pending.credentials, answer.answer);
  }
  if (answer.reason === 'new-password') {
    await releaseVersion(ports, attempt);
    throw new RotationError(
      'PASSWORD_REFUSED',
      `The new password of ${user} is refused (${answer.answer}).`,
      'none of the stored',
    );
  }
  throw new RotationError(
    answer.reason === 'not-primary' ? 'CLUSTER_NOT_PRIMARY' : 'ADMIN_REFUSED',
    `The admin credential may not reset ${user} (${answer.answer}).`,
    'none of the stored',
  );
}

function notAllowed({ credentials }: UsableCredential, reason: string): RotationError {
  const { username, endpoint } = credentials;
  return new RotationError(
    'RESET_NOT_ALLOWED',
    `The password of ${username} at ${endpoint.url} is not reset, because ${reason}.`,
    'none of the stored',
  );
}

import type { Change, Credentials } from '../../../protocol/cluster/cluster.ts';
import type { UsableCredential } from '../../../protocol/credential/stored-credential.ts';
import { loginEverywhere, loginWithCheck } from '../../cluster/login.ts';
import { type Failure, failed, interruptedBeforeChange } from '../../outcome/failure.ts';
import { type NewVersion, storeNewVersion } from '../new-version.ts';
import type { ChangePorts } from '../ports.ts';
import { confirmRoles } from './confirm-roles.ts';
import type { PreparedAdmin } from './prepare-admin.ts';
import { adviceToRepeat, recreateUser } from './recreate-user.ts';
import { resetRefusal } from './reset-refusal.ts';

/** `incomplete`: the password is in force, and the cluster did not confirm every role. */
export type Reset = { kind: 'reset'; version: NewVersion; incomplete: Failure | undefined } | Failure;

/**
 * Stores a new password, then has the admin set it. Because the password is stored first, the next
 * repair or rotation finds it after any interruption.
 *
 * @throws AwsError, SecretStoreError
 */
export async function resetPassword(
  current: UsableCredential,
  { admin, recreation, wanted }: PreparedAdmin,
  ports: ChangePorts,
): Promise<Reset> {
  const { username } = current.credentials;
  const version = await storeNewVersion(current, ports.newPassword(), ports);
  const { credentials } = version;
  if (ports.interrupted.aborted) {
    await version.removeSentLabel();
    return interruptedBeforeChange();
  }
  ports.showProgress(`setting the new password of ${username}, and logging in with it`);
  const answer = await ports.cluster.resetPassword(admin.admin, username, credentials.password);
  const confirm = async (roles: readonly string[]): Promise<Reset> => {
    const incomplete = await confirmRoles(username, roles, admin, ports);
    return { kind: 'reset', version, incomplete };
  };
  if (await logsInAfter(answer, credentials, ports)) {
    return await confirm(wanted);
  }
  const recreatable = answer.kind === 'refused' && ['old-password', 'unknown-user'].includes(answer.reason);
  if (recreatable && recreation !== undefined) {
    const recreated = await recreateUser(recreation, credentials.password, admin, ports);
    if (recreated.kind === 'unchanged') {
      await version.removeSentLabel();
      return recreated.failure;
    }
    const { failure, roles } = recreated;
    if (await logsInAfter({ kind: 'changed' }, credentials, ports)) {
      return await confirm(roles);
    }
    const { message, code } = unsettled(username, 'The cluster created the user and rejects its login.');
    return failure ?? failed(code, message, adviceToRepeat(username, roles));
  }
  if (answer.kind === 'refused' && answer.reason !== 'unclear') {
    await version.removeSentLabel();
    return resetRefusal(current.credentials, answer.reason, answer.answer);
  }
  return unsettled(
    username,
    answer.kind === 'changed' ? 'The cluster reported success and rejects the login.' : answer.answer,
  );
}

/**
 * Logs in with the new password. After a refusal, a single login is enough. After any other
 * answer, the login is repeated, because the change may still be on its way to every proxy.
 */
async function logsInAfter(
  answer: Pick<Change, 'kind'>,
  credentials: Credentials,
  ports: ChangePorts,
): Promise<boolean> {
  const login = await (answer.kind === 'refused' ? loginWithCheck : loginEverywhere)(credentials, ports);
  return login.kind === 'accepted';
}

function unsettled(username: string, reason: string): Failure {
  return failed(
    'unsettled',
    `It is not known whether ${username} has the new password. ${reason}`,
    'The new password is stored in a version with a sent label. Run the command again: it finds out which password is in force.',
  );
}

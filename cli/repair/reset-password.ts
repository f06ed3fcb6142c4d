import type { Change, Cluster, Credentials } from '../../cluster/cluster.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { SecretStore } from '../../secret/store.ts';
import type { Clock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { MAY_REJECT_EVERY_LOGIN } from '../cluster/admin-requests.ts';
import { loginEverywhere, loginWithCheck } from '../cluster/login.ts';
import { type Failure, failed } from '../failure.ts';
import { type NewVersion, storeNewVersion } from './new-version.ts';
import type { PreparedAdmin } from './read-admin-and-user.ts';
import { adviceToRepeat, grantRoles, recreateUser } from './recreate-user.ts';

export interface ChangePorts {
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
  readonly newPassword: () => string;
}

/** `incomplete`: the password is in force, and the cluster did not confirm every role. */
export type Reset = { kind: 'reset'; version: NewVersion; incomplete: Failure | undefined } | Failure;

/**
 * Stores a new password, then has the admin set it. Because the password is stored first, the next
 * repair or rotation finds it after any interruption.
 *
 * @throws SecretStoreError
 */
export async function resetPassword(
  current: UsableCredential,
  { admin, recreation, missingRoles }: PreparedAdmin,
  ports: ChangePorts,
): Promise<Reset> {
  const { username } = current.credentials;
  const version = await storeNewVersion(current, ports.newPassword(), ports);
  const { credentials } = version;

  const answer = await ports.cluster.resetPassword(admin, username, credentials.password);
  const grant = async (roles: readonly string[]): Promise<Reset> => {
    const incomplete = await grantRoles(username, roles, admin, ports.adminCluster);
    return { kind: 'reset', version, incomplete };
  };
  if (await logsInAfter(answer, credentials, ports)) {
    return await grant(missingRoles);
  }
  const recreatable = answer.kind === 'refused' && ['old-password', 'unknown-user'].includes(answer.reason);
  if (recreatable && recreation !== undefined) {
    const failure = await recreateUser(recreation, credentials.password, admin, ports.adminCluster);
    if (await logsInAfter({ kind: 'changed' }, credentials, ports)) {
      return await grant(recreation.roles);
    }
    const { message, code } = unsettled(username, 'The cluster created the user and rejects its login.');
    return failure ?? failed(code, message, adviceToRepeat(username, recreation.roles));
  }
  if (answer.kind === 'refused' && answer.reason !== 'unclear') {
    await version.removeSentLabel();
    return refused(current.credentials, answer.reason, answer.answer);
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

function refused(
  { username, endpoint }: Credentials,
  reason: Exclude<Extract<Change, { kind: 'refused' }>['reason'], 'unclear'>,
  answer: string,
): Failure {
  const user = `${username} at ${endpoint.url}`;
  const inConsole = `Reset the password in the console of ${endpoint.host} and store it in the secret.`;
  switch (reason) {
    case 'unauthenticated':
      return failed(
        'admin-rejected',
        `${endpoint.url} rejects the login of the admin (${answer}).`,
        `Nothing was changed. ${MAY_REJECT_EVERY_LOGIN}`,
      );
    case 'old-password':
      return failed(
        'old-password-needed',
        `The cluster did not reset the password of ${user} (${answer}). Milvus requires the old password even from an admin, unless common.security.superUsers lists the admin.`,
        `${inConsole} Or list the admin there and repeat. Or repeat with --recreate-user, which drops ${username} and creates it again with the same roles.`,
      );
    case 'unknown-user':
      return failed(
        'no-such-user',
        `${endpoint.url} has no user ${username} (${answer}).`,
        'Repeat with --recreate-user and with --role ROLE for each role of the user.',
      );
    case 'forbidden':
      return failed(
        'admin-forbidden',
        `The admin may not change the password of ${user} (${answer}).`,
        `${inConsole} Or use a credential with the role admin, or on Zilliz Cloud with the group ClusterAdmin.`,
      );
    case 'new-password':
      return failed(
        'password-refused',
        `The cluster refuses the generated password for ${user} (${answer}).`,
        inConsole,
      );
    case 'not-primary':
      return failed(
        'not-primary',
        `${endpoint.url} is a secondary cluster, which refuses changes of users (${answer}).`,
        'Store the endpoint of the primary cluster in the secret, then repeat.',
      );
  }
}

function unsettled(username: string, reason: string): Failure {
  return failed(
    'unsettled',
    `It is not known whether ${username} has the new password. ${reason}`,
    'The new password is stored in a version with a sent label. Run the command again: it finds out which password is in force.',
  );
}

import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { ADMIN_USERNAMES } from '../../protocol/credential/admin-credential.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { describeUser, readAdmin, type UsableAdmin } from '../cluster/admin-requests.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { type AskForConsent, askToUseAdmin } from '../terminal/ask-for-plan.ts';
import { printable } from '../terminal/text.ts';
import type { FoundUser } from './find-users.ts';
import { proveGivenPassword } from './prove-login.ts';

export interface PreparePorts extends ExaminePorts {
  readonly adminStore: (secretId: string) => SecretStore;
  readonly adminCluster: AdminCluster;
  readonly askForConsent: AskForConsent;
  readonly newPassword: () => string;
  /** Asks for a password without showing it. `undefined`: nobody gave one. */
  readonly readPassword: (question: string) => Promise<string | undefined>;
}

/** A user whose credential is known before anything changes. */
export interface PreparedUser {
  readonly credentials: Credentials;
  /** The version that holds this credential. `undefined`: the command stores it. */
  readonly version: UsableCredential | undefined;
  /** `existing`: a login has proven the password. `new`: the command creates the user. */
  readonly origin: 'existing' | 'new';
  /** The roles of an existing user. */
  readonly roles: readonly string[];
}

export interface PreparedUsers {
  readonly kind: 'prepared';
  readonly admin: UsableAdmin | undefined;
  readonly users: readonly PreparedUser[];
}

/**
 * Finds out, for each user without an accepted password, whether the command creates the user or
 * needs its password. Asks for passwords, and proves them. Changes nothing.
 *
 * @throws SecretStoreError
 */
export async function prepareUsers(
  endpoint: Endpoint,
  found: readonly FoundUser[],
  adminSecret: string | undefined,
  ports: PreparePorts,
): Promise<PreparedUsers | Failure> {
  const admin = await prepareAdmin(adminSecret, endpoint, found, ports);
  if (admin !== undefined && admin.kind !== 'usable') {
    return admin;
  }
  const users: PreparedUser[] = [];
  for (const user of found) {
    const prepared = await prepareUser(user, endpoint, admin, ports);
    if ('code' in prepared) {
      return prepared;
    }
    users.push(prepared);
  }
  return { kind: 'prepared', admin, users };
}

/**
 * Reads the credential of the admin. Asks before the admin's first request, which reads the users
 * without an accepted password.
 *
 * @returns `undefined` without an admin
 */
async function prepareAdmin(
  adminSecret: string | undefined,
  endpoint: Endpoint,
  found: readonly FoundUser[],
  ports: PreparePorts,
): Promise<UsableAdmin | Failure | undefined> {
  const admin = adminSecret === undefined ? undefined : await readAdmin(adminSecret, endpoint, ports);
  if (admin !== undefined && admin.kind !== 'usable') {
    return admin;
  }
  for (const { username } of found) {
    if (ADMIN_USERNAMES.includes(username) || username === admin?.username) {
      return refused(
        'admin-user',
        `${username} administers the cluster, so this command does not take it into rotation.`,
        'Nothing was changed. Name a user that only applications use.',
      );
    }
  }
  const unknown = found.filter(({ roles }) => roles === undefined).map(({ username }) => username);
  if (admin === undefined || unknown.length === 0) {
    return admin;
  }
  const plan = [
    `Log in at ${endpoint.url} with the credential in ${admin.adminSecret}, and find out whether ${unknown.join(' and ')} ${unknown.length === 1 ? 'exists' : 'exist'}`,
  ];
  return (await askToUseAdmin(plan, endpoint.url, ports)) ?? admin;
}

async function prepareUser(
  { username, version, roles }: FoundUser,
  endpoint: Endpoint,
  admin: UsableAdmin | undefined,
  ports: PreparePorts,
): Promise<PreparedUser | Failure> {
  if (version !== undefined && roles !== undefined) {
    return { credentials: version.credentials, version, origin: 'existing', roles };
  }
  const user = admin && (await describeUser(admin, username, ports.adminCluster));
  if (user !== undefined && 'code' in user) {
    return user;
  }
  if (user?.kind === 'absent') {
    // The password of an interrupted command is used again: it is stored already.
    const credentials = version?.credentials ?? { endpoint, username, password: ports.newPassword() };
    return { credentials, version, origin: 'new', roles: [] };
  }
  const password = await ports.readPassword(printable(`Password of ${username} at ${endpoint.url}: `));
  if (password === undefined || password === '') {
    return refused(
      'password-needed',
      `${user ? `${username} exists at ${endpoint.url}, and no` : 'No'} stored password of ${username} is accepted.`,
      `Nothing was changed. Give its password at the prompt or as a line on standard input.${user ? '' : ' To create the user, give --admin-secret.'}`,
    );
  }
  const credentials = { endpoint, username, password };
  const proven = await proveGivenPassword(credentials, ports);
  return 'code' in proven ? proven : { credentials, version: undefined, origin: 'existing', roles: proven };
}

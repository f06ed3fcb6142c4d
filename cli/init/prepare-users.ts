import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { describeUser, type UsableAdmin } from '../cluster/admin-requests.ts';
import { loginWithCheck } from '../cluster/login.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { type Failure, failed, refused, unconfirmed } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';
import type { FoundUser } from './find-credentials.ts';
import { type PrepareAdminPorts, prepareAdmin } from './prepare-admin.ts';
import type { SecretToInit } from './read-secret.ts';
import type { InitRequest } from './request.ts';

export interface PreparePorts extends ExaminePorts, PrepareAdminPorts {
  readonly adminCluster: AdminCluster;
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
 * Finds out, for each user without a password in force, whether the command creates the user or
 * needs its password. Asks for passwords, and proves them. Changes nothing.
 *
 * @throws SecretStoreError
 */
export async function prepareUsers(
  { endpoint }: SecretToInit,
  found: readonly FoundUser[],
  { adminSecret }: InitRequest,
  ports: PreparePorts,
): Promise<PreparedUsers | Failure> {
  const admin = await prepareAdmin(adminSecret, endpoint, found, ports);
  if (admin !== undefined && admin.kind !== 'usable') {
    return admin;
  }
  const users: PreparedUser[] = [];
  for (const user of found) {
    const prepared = await prepare(user, endpoint, admin, ports);
    if ('code' in prepared) {
      return prepared;
    }
    users.push(prepared);
  }
  return { kind: 'prepared', admin, users };
}

async function prepare(
  { username, version, roles }: FoundUser,
  endpoint: Credentials['endpoint'],
  admin: UsableAdmin | undefined,
  ports: PreparePorts,
): Promise<PreparedUser | Failure> {
  if (version !== undefined && roles !== undefined) {
    return { credentials: version.credentials, version, origin: 'existing', roles };
  }
  const user =
    admin === undefined ? { kind: 'unknown' as const } : await describeUser(admin, username, ports.adminCluster);
  if ('code' in user) {
    return user;
  }
  if (user.kind === 'absent') {
    // The password of an interrupted command is used again: it is stored already.
    const credentials = version?.credentials ?? { endpoint, username, password: ports.newPassword() };
    return { credentials, version, origin: 'new', roles: [] };
  }
  return await proveGivenPassword({ endpoint, username }, user.kind === 'found', ports);
}

async function proveGivenPassword(
  { endpoint, username }: Pick<Credentials, 'endpoint' | 'username'>,
  exists: boolean,
  ports: PreparePorts,
): Promise<PreparedUser | Failure> {
  const password = await ports.readPassword(printable(`Password of ${username} at ${endpoint.url}: `));
  if (password === undefined || password === '') {
    return refused(
      'password-needed',
      `${exists ? `${username} exists at ${endpoint.url}, and no` : 'No'} stored password of ${username} is in force.`,
      `Nothing was changed. Give its password at the prompt or as a line on standard input.${exists ? '' : ' To create the user, give --admin-secret.'}`,
    );
  }
  const credentials = { endpoint, username, password };
  const login = await loginWithCheck(credentials, ports);
  switch (login.kind) {
    case 'accepted':
      return { credentials, version: undefined, origin: 'existing', roles: login.roles };
    case 'rejected':
      return refused(
        'password-rejected',
        `${endpoint.url} rejects the given password of ${username}, or has no such user.`,
        'Nothing was changed. Repeat the command with the right password. To create the user, give --admin-secret.',
      );
    case 'not-enforced':
      return failed(
        'authorization-off',
        'The cluster accepts a password that nobody has. Authorization is off, so no login proves anything.',
        'Nothing was changed. Switch authorization on (common.security.authorizationEnabled), then repeat the command.',
      );
    case 'forbidden':
    case 'unavailable':
      return unconfirmed(
        'undecided',
        login.explanation,
        'Nothing was changed. Run the command on a machine that reaches the cluster.',
      );
  }
}

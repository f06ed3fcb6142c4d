import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { readAdmin, readUsers, type UsableAdmin } from '../change/admin.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { loginWithCheck } from '../cluster/login.ts';
import { formOf } from '../credential-forms/forms.ts';
import type { ManagerPorts } from '../examine/keys.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { askControlPlane } from './ask-control-plane.ts';
import { askForPassword } from './ask-for-password.ts';
import { askedFor, type FoundUser, findUsers } from './find-users.ts';
import type { InitRequest } from './init-definition.ts';
import { type NamedTarget, nameCredential } from './name-credential.ts';
import type { InitTarget } from './target.ts';

/** A user whose credential is known before anything changes. */
export interface PreparedUser extends FoundUser {
  readonly credentials: Credentials;
  /** `existing`: a login has proven the password. `new`: the command creates the user. */
  readonly origin: 'existing' | 'new';
}

export interface PreparedUsers {
  readonly admin: UsableAdmin | undefined;
  readonly users: readonly PreparedUser[];
  readonly target: NamedTarget;
}

export interface InitPorts extends ChangePorts {
  /** For the manager secret of the request. */
  readonly keyManager: ManagerPorts;
}

/**
 * Finds out, for each user without an accepted password, whether the command creates the user or
 * needs its password. Asks for passwords, and proves them. An API key counts as a user here, and
 * the control plane is asked about it. Changes nothing.
 *
 * @throws SecretStoreError
 */
export async function prepareUsers(
  read: InitTarget,
  { secretId, adminSecret, place }: Pick<InitRequest, 'secretId' | 'adminSecret'> & { place: string | undefined },
  ports: InitPorts,
): Promise<PreparedUsers | Failure> {
  const { endpoint } = read;
  const target = await nameCredential(read, ports);
  if ('code' in target) {
    return target;
  }
  const found = await findUsers(target, ports);
  if ('code' in found) {
    return found;
  }
  const admin = adminSecret === undefined ? undefined : await readAdmin(adminSecret, endpoint, ports);
  if (admin !== undefined && admin.kind !== 'usable') {
    return admin;
  }
  const administrator = found.find(({ username }) => isAdmin(username, admin));
  if (administrator !== undefined) {
    return refused(
      'admin-user',
      `${administrator.username} administers the cluster, so this command does not take it into rotation.`,
      'Nothing was changed. Name a user that only applications use.',
    );
  }
  const unknown = found.filter(({ accepted }) => accepted === undefined).map(({ username }) => username);
  const states =
    admin === undefined || unknown.length === 0 ? new Map() : await readUsers(admin, unknown, [], place, ports);
  if ('code' in states) {
    return states;
  }
  const users: PreparedUser[] = [];
  for (const user of found) {
    const isNew = states.get(user.username)?.kind === 'absent';
    const prepared = isNew ? newUser(user, target, ports) : await existingUser(user, target, ports);
    if ('code' in prepared) {
      return prepared;
    }
    users.push(prepared);
  }
  const asked = STRATEGIES[target.strategy].needsManager ? users : [];
  return (await askControlPlane(asked, target.manager, secretId, ports.keyManager)) ?? { admin, users, target };
}

/** The password of an interrupted command is used again: it is stored already. */
function newUser(user: FoundUser, { endpoint }: InitTarget, { newPassword }: InitPorts): PreparedUser {
  const { username, version } = user;
  const credentials = version?.credentials ?? { endpoint, username, password: newPassword() };
  return { ...user, credentials, origin: 'new' };
}

async function existingUser(user: FoundUser, target: NamedTarget, ports: InitPorts): Promise<PreparedUser | Failure> {
  const { examination, usernames, unnamed } = target;
  const { username, accepted } = user;
  if (accepted !== undefined) {
    return { ...user, credentials: accepted.credentials, origin: 'existing' };
  }
  // The name in AWSCURRENT may be a part of a password.
  const isKnown = examination?.knownUsers.has(username) !== false || usernames.length > 1;
  const asked = askedFor(username, target);
  const form = formOf(asked);
  const name = isKnown || form.isPrintable(username) ? form.asked(username) : form.unnamed;
  const proven = (await proveStored(asked, unnamed, ports)) ?? (await askForPassword({ ...asked, user: name }, ports));
  return 'code' in proven ? proven : { ...user, ...proven, version: undefined, origin: 'existing' };
}

async function proveStored(
  asked: Omit<Credentials, 'password'>,
  { password }: NamedTarget['unnamed'],
  ports: InitPorts,
): Promise<Pick<PreparedUser, 'credentials' | 'roles'> | undefined> {
  const credentials = password === undefined ? undefined : { ...asked, password };
  const login = credentials && (await loginWithCheck(credentials, ports));
  return credentials && login?.kind === 'accepted' ? { credentials, roles: login.roles } : undefined;
}

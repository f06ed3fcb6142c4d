import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { readAdmin, readUsers, type UsableAdmin } from '../change/admin.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { loginWithCheck } from '../cluster/login.ts';
import { formOf } from '../credential-forms.ts';
import type { ManagerPorts } from '../examine/keys.ts';
import { orEnd, refuse } from '../outcome/failure.ts';
import { askControlPlane } from './ask-control-plane.ts';
import { askForPassword } from './ask-for-password.ts';
import { askedFor, type FoundUser, findUsers } from './find-users.ts';
import type { InitOptions } from './init-definition.ts';
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
  /** For the manager secret of the options. */
  readonly keyManager: ManagerPorts;
}

/**
 * Finds out, for each user without an accepted password, whether the command creates the user or
 * needs its password. Asks for passwords, and proves them. An API key counts as a user here, and
 * the control plane is asked about it. Changes nothing.
 *
 * @throws FailureError, SecretStoreError
 */
export async function prepareUsers(
  read: InitTarget,
  { adminSecret }: InitOptions,
  place: string | undefined,
  ports: InitPorts,
): Promise<PreparedUsers> {
  const target = await nameCredential(read, ports);
  const found = await findUsers(target);
  const admin = adminSecret === undefined ? undefined : orEnd(await readAdmin(adminSecret, read.endpoint, ports));
  const administrator = found.find(({ username }) => isAdmin(username, admin));
  if (administrator !== undefined) {
    refuse(
      'admin-user',
      `${administrator.username} administers the cluster, so this command does not take it into rotation.`,
      'Name a user that only applications use.',
    );
  }
  const unknown = found.filter(({ accepted }) => accepted === undefined).map(({ username }) => username);
  const states =
    admin === undefined || unknown.length === 0 ? new Map() : await readUsers(admin, unknown, place, ports);
  const users: PreparedUser[] = [];
  for (const user of found) {
    const isNew = states.get(user.username)?.kind === 'absent';
    users.push(isNew ? newUser(user, target, ports) : await existingUser(user, target, ports));
  }
  const asked = STRATEGIES[target.strategy].needsManager ? users : [];
  await askControlPlane(asked, target.manager, ports.secretId, ports.keyManager);
  return { admin, users, target };
}

/** The password of an interrupted command is used again: it is stored already. */
function newUser(user: FoundUser, { endpoint }: InitTarget, { newPassword }: InitPorts): PreparedUser {
  const { username, version } = user;
  const credentials = version?.credentials ?? { endpoint, username, password: newPassword() };
  return { ...user, credentials, origin: 'new' };
}

async function existingUser(user: FoundUser, target: NamedTarget, ports: InitPorts): Promise<PreparedUser> {
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
  return { ...user, ...proven, version: undefined, origin: 'existing' };
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

import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import { reasonToSkip, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { hasSentLabel, orderCandidates } from '../../protocol/secret/versions.ts';
import { type AdminPorts, readAdmin, readUsers, type UsableAdmin } from '../change/admin.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { searchVersions, type VersionSearch } from '../examine/search-versions.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { askForPassword, type PasswordPorts } from './ask-for-password.ts';
import type { InitTarget } from './target.ts';

/** What the secret holds for one user. */
export interface FoundUser {
  readonly username: string;
  /**
   * The accepted version, or the version with the password of a new user, which an interrupted
   * command or a stack has stored. `undefined`: the command stores the credential.
   */
  readonly version: UsableCredential | undefined;
  /** Set if the cluster accepts `version`. */
  readonly accepted: AcceptedCredential | undefined;
  /** Of a user with an accepted password. */
  readonly roles: readonly string[];
}

/** A user whose credential is known before anything changes. */
export interface PreparedUser extends FoundUser {
  readonly credentials: Credentials;
  /** `existing`: a login has proven the password. `new`: the command creates the user. */
  readonly origin: 'existing' | 'new';
}

export interface PreparedUsers {
  readonly admin: UsableAdmin | undefined;
  readonly users: readonly PreparedUser[];
  /** If the value to which the credential is added was made for it. */
  readonly target?: InitTarget;
}

export interface PreparePorts extends ExaminePorts, AdminPorts, PasswordPorts {
  readonly newPassword: () => string;
}

/** Searches the stored versions of each user. Logs in. @throws SecretStoreError */
async function findUsers(target: InitTarget, ports: ExaminePorts): Promise<readonly FoundUser[] | Failure> {
  const users: FoundUser[] = [];
  for (const username of target.usernames) {
    const search = await searchFor(username, target, ports);
    if (search?.kind === 'undecided' || search?.kind === 'not-enforced') {
      return failureOfFinding(searchFinding(search));
    }
    users.push(
      search?.kind === 'found'
        ? { username, version: search.accepted, accepted: search.accepted, roles: search.roles }
        : { username, version: await readStored(username, target, ports), accepted: undefined, roles: [] },
    );
  }
  return users;
}

async function searchFor(
  username: string,
  { examination, isWrong, endpoint }: InitTarget,
  ports: ExaminePorts,
): Promise<VersionSearch | undefined> {
  if (examination === undefined) {
    return undefined;
  }
  const { current, search, other, secret, secretId, versions } = examination;
  if (!isWrong && search.kind !== 'unusable' && username === current?.credentials.username) {
    return search;
  }
  return other?.username === username
    ? other.search
    : await searchVersions(
        { secret, listed: versions, current },
        { endpoint, username, password: '' },
        { ...ports, store: ports.aws.store(secretId) },
      );
}

/**
 * AWSCURRENT, or the newest version of the user with a sent label: only such a version may hold a
 * password that an interrupted command wanted to set.
 */
async function readStored(
  username: string,
  { examination, isWrong, endpoint }: InitTarget,
  ports: ExaminePorts,
): Promise<UsableCredential | undefined> {
  if (examination === undefined) {
    return undefined;
  }
  const { current, secret, secretId, versions } = examination;
  if (!isWrong && current?.credentials.username === username) {
    return current;
  }
  const readPorts = { ...ports, store: ports.aws.store(secretId) };
  for (const { versionId } of orderCandidates(secret, versions, undefined)) {
    if (hasSentLabel(secret, versionId)) {
      const stored = await readVersionUnlessDenied(secret, versionId, readPorts);
      if (stored.kind === 'usable' && reasonToSkip(stored, { endpoint, username, password: '' }) === undefined) {
        return stored;
      }
    }
  }
  return undefined;
}

/**
 * Finds out, for each user without an accepted password, whether the command creates the user or
 * needs its password. Asks for passwords, and proves them. Changes nothing.
 *
 * @throws SecretStoreError
 */
export async function prepareUsers(
  target: InitTarget,
  { adminSecret, place }: { readonly adminSecret: string | undefined; readonly place: string | undefined },
  ports: PreparePorts,
): Promise<PreparedUsers | Failure> {
  const { endpoint } = target;
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
  const read =
    admin === undefined || unknown.length === 0 ? new Map() : await readUsers(admin, unknown, [], place, ports);
  if ('code' in read) {
    return read;
  }
  const users: PreparedUser[] = [];
  for (const user of found) {
    const isNew = read.get(user.username)?.kind === 'absent';
    const prepared = isNew ? newUser(user, target, ports) : await existingUser(user, target, ports);
    if ('code' in prepared) {
      return prepared;
    }
    users.push(prepared);
  }
  return { admin, users };
}

/** The password of an interrupted command is used again: it is stored already. */
function newUser(user: FoundUser, { endpoint }: InitTarget, { newPassword }: PreparePorts): PreparedUser {
  const { username, version } = user;
  const credentials = version?.credentials ?? { endpoint, username, password: newPassword() };
  return { ...user, credentials, origin: 'new' };
}

async function existingUser(
  user: FoundUser,
  { endpoint, examination, usernames }: InitTarget,
  ports: PreparePorts,
): Promise<PreparedUser | Failure> {
  const { username, accepted } = user;
  if (accepted !== undefined) {
    return { ...user, credentials: accepted.credentials, origin: 'existing' };
  }
  // The name in AWSCURRENT may be a part of a password.
  const isKnown = examination?.knownUsers.has(username) !== false || usernames.length > 1;
  const name = isKnown ? username : 'the user in AWSCURRENT';
  const proven = await askForPassword({ endpoint, username, user: name }, ports);
  return 'code' in proven ? proven : { ...user, ...proven, version: undefined, origin: 'existing' };
}

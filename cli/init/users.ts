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
  readonly accepted: AcceptedCredential | undefined;
  /** A password that an interrupted command or a stack has stored for a new user. */
  readonly stored: UsableCredential | undefined;
  /** Of a user with an accepted password. */
  readonly roles: readonly string[];
}

/** A user whose credential is known before anything changes. */
export interface PreparedUser {
  readonly credentials: Credentials;
  /** The version that holds this credential. `undefined`: the command stores it. */
  readonly version: UsableCredential | undefined;
  readonly accepted: AcceptedCredential | undefined;
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

export interface PreparePorts extends ExaminePorts, AdminPorts, PasswordPorts {
  readonly newPassword: () => string;
}

/** Searches the stored versions of each user. Logs in. @throws SecretStoreError */
export async function findUsers(target: InitTarget, ports: ExaminePorts): Promise<readonly FoundUser[] | Failure> {
  const users: FoundUser[] = [];
  for (const username of target.usernames) {
    const search = await searchFor(username, target, ports);
    if (search?.kind === 'undecided' || search?.kind === 'not-enforced') {
      return failureOfFinding(searchFinding(search));
    }
    users.push(
      search?.kind === 'found'
        ? { username, accepted: search.accepted, stored: undefined, roles: search.roles }
        : { username, accepted: undefined, stored: await readStored(username, target, ports), roles: [] },
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
  found: readonly FoundUser[],
  { adminSecret, place }: { readonly adminSecret: string | undefined; readonly place: string | undefined },
  ports: PreparePorts,
): Promise<PreparedUsers | Failure> {
  const { endpoint } = target;
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
    const isAbsent = read.get(user.username)?.kind === 'absent';
    const prepared = isAbsent ? newUser(user, target, ports) : await existingUser(user, target, read.size > 0, ports);
    if ('code' in prepared) {
      return prepared;
    }
    users.push(prepared);
  }
  return { kind: 'prepared', admin, users };
}

/** The password of an interrupted command is used again: it is stored already. */
function newUser(
  { username, stored }: FoundUser,
  { endpoint }: InitTarget,
  { newPassword }: PreparePorts,
): PreparedUser {
  const credentials = stored?.credentials ?? { endpoint, username, password: newPassword() };
  return { credentials, version: stored, accepted: undefined, origin: 'new', roles: [] };
}

async function existingUser(
  { username, accepted, roles }: FoundUser,
  target: InitTarget,
  exists: boolean,
  ports: PreparePorts,
): Promise<PreparedUser | Failure> {
  if (accepted !== undefined) {
    return { credentials: accepted.credentials, version: accepted, accepted, origin: 'existing', roles };
  }
  // The name in AWSCURRENT may be a part of a password.
  const isKnown = target.examination?.knownUsers.has(username) !== false || exists || target.usernames.length > 1;
  const user = isKnown ? username : 'the user in AWSCURRENT';
  const proven = await askForPassword({ endpoint: target.endpoint, username, user, exists }, ports);
  return 'code' in proven ? proven : { ...proven, version: undefined, accepted: undefined, origin: 'existing' };
}

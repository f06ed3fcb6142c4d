import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import { reasonToSkip, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { hasSentLabel, orderCandidates } from '../../protocol/secret/versions.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import type { UsersOfSecret } from '../examine/same-user/compare-users.ts';
import { explainSameUser } from '../examine/same-user/same-user-texts.ts';
import { searchVersions, type VersionSearch } from '../examine/search-versions.ts';
import type { Failure } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';
import { type FilledSecret, readSecret, type SecretToInit } from './read-secret.ts';

/** What the secret holds for one user. */
export interface FoundUser {
  readonly username: string;
  /** `undefined`: no version of the secret is for this user. */
  readonly version: UsableCredential | undefined;
  /**
   * The roles of the user. `undefined`: the cluster accepts no stored password of this user. If
   * there is a `version`, an interrupted command or a stack stored its password for a new user.
   */
  readonly roles: readonly string[] | undefined;
}

/** The secret before any change, and what it holds for each user. */
export interface FoundSecret {
  readonly target: SecretToInit;
  readonly notes: readonly string[];
  readonly found: readonly FoundUser[];
}

/** Reads the secret and finds the credentials of its users. Asks nothing. */
export async function findSecret(request: InitRequest, ports: ExaminePorts): Promise<FoundSecret | Failure> {
  const target = await readSecret(request, ports);
  if (target.kind !== 'secret') {
    return target;
  }
  const { others, notes } = await ports.findSameUser(usersOf(request, target), ports.aws);
  const sameUser = explainSameUser(request.secretId, target.endpoint.url, { others, notes });
  if (sameUser !== undefined) {
    return { kind: 'refused', ...sameUser, advice: `Nothing was changed. ${sameUser.advice}` };
  }
  const found = await findCredentials(target, ports);
  if ('kind' in found) {
    return failureOfFinding(searchFinding(found));
  }
  return { target, notes, found };
}

function usersOf({ secretId }: InitRequest, { secret, endpoint, usernames }: SecretToInit): UsersOfSecret {
  const { arn, name = secretId, rotationFunctionArn } = secret ?? {};
  return { arn, name, rotationFunctionArn, endpoint: endpoint.url, usernames };
}

/**
 * Finds the version of each user. Logs in.
 *
 * @returns the search that found no clear answer, otherwise the users
 * @throws SecretStoreError
 */
async function findCredentials(
  { filled, endpoint, usernames }: SecretToInit,
  ports: ExaminePorts,
): Promise<readonly FoundUser[] | Extract<VersionSearch, { kind: 'undecided' | 'not-enforced' }>> {
  const users: FoundUser[] = [];
  for (const username of usernames) {
    if (filled === undefined) {
      users.push({ username, version: undefined, roles: undefined });
      continue;
    }
    const user = { endpoint, username, password: '' };
    const isCurrent = username === filled.current.credentials.username;
    const search = isCurrent ? filled.cluster : await searchOther(filled, user, ports);
    switch (search.kind) {
      case 'found':
        users.push({ username, version: search.inForce, roles: search.roles });
        break;
      case 'none': {
        const version = isCurrent ? filled.current : await readNewestLabelled(filled, user, ports);
        users.push({ username, version, roles: undefined });
        break;
      }
      case 'undecided':
      case 'not-enforced':
        return search;
    }
  }
  return users;
}

function searchOther(filled: FilledSecret, user: Credentials, ports: ExaminePorts): Promise<VersionSearch> {
  const { turns, secret, versions, current } = filled;
  const store = ports.aws.store(filled.secretId);
  return turns?.other.username === user.username
    ? Promise.resolve(turns.other.search)
    : searchVersions(secret, listedOf(versions), { current, user }, { ...ports, store });
}

/**
 * Reads the newest version of the user with a sent label, because only such a version may hold a
 * password that an interrupted command wanted to set.
 */
async function readNewestLabelled(
  { secret, secretId, versions }: FilledSecret,
  user: Credentials,
  ports: ExaminePorts,
): Promise<UsableCredential | undefined> {
  const store = ports.aws.store(secretId);
  for (const { versionId } of orderCandidates(secret, listedOf(versions), undefined)) {
    if (hasSentLabel(secret, versionId)) {
      const stored = await readVersionUnlessDenied(secret, versionId, { ...ports, store });
      if (stored.kind === 'usable' && reasonToSkip(stored, user) === undefined) {
        return stored;
      }
    }
  }
  return undefined;
}

function listedOf(versions: FilledSecret['versions']) {
  return versions.map((version) => ({ ...version, createdAt: version.createdAt ?? 0 }));
}

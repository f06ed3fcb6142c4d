import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import { mayReplace, reasonToSkip, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { hasSentLabel, orderCandidates } from '../../protocol/secret/versions.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { searchVersions, type VersionSearch } from '../examine/search-versions.ts';
import type { Failure } from '../outcome/failure.ts';
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

/** Searches the stored versions of each user. Logs in. @throws SecretStoreError */
export async function findUsers(target: InitTarget, ports: ExaminePorts): Promise<readonly FoundUser[] | Failure> {
  const users: FoundUser[] = [];
  for (const username of target.usernames) {
    const search = await searchFor(username, target, ports);
    if (search?.kind === 'undecided' || search?.kind === 'not-enforced') {
      return failureOfFinding(searchFinding(search));
    }
    users.push(
      search?.kind === 'found' && search.accepted.credentials.username === username
        ? { username, version: search.accepted, accepted: search.accepted, roles: search.roles }
        : { username, version: await readStored(username, target, ports), accepted: undefined, roles: [] },
    );
  }
  return users;
}

async function searchFor(
  username: string,
  target: InitTarget,
  ports: ExaminePorts,
): Promise<VersionSearch | undefined> {
  const { examination, isWrong } = target;
  if (examination === undefined) {
    return undefined;
  }
  const { current, search, other, secret, secretId, versions } = examination;
  const wanted = { ...askedFor(username, target), password: '' };
  if (!isWrong && current !== undefined && mayReplace(wanted, current.credentials)) {
    return search;
  }
  return other?.username === username
    ? other.search
    : await searchVersions({ secret, listed: versions, current }, wanted, {
        ...ports,
        store: ports.aws.store(secretId),
      });
}

/**
 * AWSCURRENT, or the newest version of the user with a sent label: only such a version may hold a
 * password that an interrupted command wanted to set.
 */
async function readStored(
  username: string,
  target: InitTarget,
  ports: ExaminePorts,
): Promise<UsableCredential | undefined> {
  const { examination, isWrong } = target;
  if (examination === undefined) {
    return undefined;
  }
  const { current, secret, secretId, versions } = examination;
  if (!isWrong && current?.credentials.username === username) {
    return current;
  }
  const readPorts = { ...ports, store: ports.aws.store(secretId) };
  const wanted = { ...askedFor(username, target), password: '' };
  for (const { versionId } of orderCandidates(secret, versions, undefined)) {
    if (hasSentLabel(secret, versionId)) {
      const stored = await readVersionUnlessDenied(secret, versionId, readPorts);
      if (stored.kind === 'usable' && reasonToSkip(stored, wanted) === undefined) {
        return stored;
      }
    }
  }
  return undefined;
}

/** The credential of a user, or of an API key, without its password. */
export function askedFor(username: string, { endpoint, strategy }: InitTarget): Omit<Credentials, 'password'> {
  return { endpoint, username, form: STRATEGIES[strategy].form };
}

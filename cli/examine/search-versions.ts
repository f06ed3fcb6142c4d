import type { Credentials } from '../../protocol/cluster/cluster.ts';
import {
  type AcceptedCredential,
  findAccepted,
  type ReadCandidate,
  type SearchAnswer,
} from '../../protocol/credential/find-accepted.ts';
import type { ReadPorts } from '../../protocol/credential/read-version.ts';
import {
  isSameUser,
  reasonToSkip,
  type SkipReason,
  type UsableCredential,
} from '../../protocol/credential/stored-credential.ts';
import type { ListedVersion, SecretDescription } from '../../protocol/secret/secret-store.ts';
import type { Candidate } from '../../protocol/secret/versions.ts';
import { type CommandLoginPorts, toLoginPorts } from '../cluster/login.ts';
import { formOf, jsonName } from '../credential-forms.ts';

export interface TriedVersion {
  readonly candidate: Candidate;
  readonly login: 'accepted' | 'rejected' | 'skipped';
  /** Why the password was not sent. Set if `login` is `skipped`. */
  readonly why: SkipReason | undefined;
  /** The id of the API key, if it may be printed. */
  readonly apiKeyId?: string | undefined;
  /** The other user and host of a skipped version, if the command may log in there. */
  readonly names?: Omit<Credentials, 'password'>;
}

/** The answer of the search, with every version that it read. */
export type VersionSearch = { readonly tried: readonly TriedVersion[] } & SearchAnswer;

export interface VersionSearchPorts extends ReadPorts, CommandLoginPorts {}

export interface SearchedSecret {
  readonly secret: SecretDescription;
  /** Newest first. The date of a version that Secrets Manager does not list is 0. */
  readonly versions: readonly ListedVersion[];
  /** AWSCURRENT. `undefined` if it is not usable */
  readonly current: UsableCredential | undefined;
}

const NOT_ALL_TRIED = 'The command was interrupted before it tried every version.';

/**
 * Searches the versions for the password that the cluster accepts for one user, as setSecret does.
 *
 * @param user whose password is searched. Its own password is not used.
 * @throws SecretStoreError
 */
export async function searchVersions(
  { secret, versions, current }: SearchedSecret,
  user: Credentials,
  ports: VersionSearchPorts,
): Promise<VersionSearch> {
  const logins = new Map<string, 'accepted' | 'rejected'>();
  const { read, ...answer } = await findAccepted(
    { secret, pendingId: formOf(user).triedFirst(secret), known: current === undefined ? [] : [current] },
    user,
    {
      ...toLoginPorts(ports),
      reasonToStop: () => (ports.interrupted.aborted ? NOT_ALL_TRIED : undefined),
      endpoints: ports.endpoints,
      store: { read: ports.store.read, list: async () => versions },
      report: (event) => event.event === 'candidate-tried' && logins.set(event.candidate.versionId, event.login),
    },
  );
  const tried = toTried(read, user, logins);
  if (answer.kind !== 'found') {
    return { ...answer, tried };
  }
  const accepted = preferCurrent(answer.accepted, current);
  const own = triedVersion(accepted.candidate, 'accepted', accepted.credentials);
  return { ...answer, tried: mergeTried(tried, [own]), accepted };
}

/** @returns what the login with each version said, also for versions with the same password */
function toTried(
  read: readonly ReadCandidate[],
  user: Credentials,
  logins: ReadonlyMap<string, 'accepted' | 'rejected'>,
): readonly TriedVersion[] {
  const byPassword = new Map(
    read.flatMap(({ candidate: { versionId }, stored }) =>
      stored.kind === 'usable' && logins.has(versionId) ? [[stored.credentials.password, logins.get(versionId)]] : [],
    ),
  );
  return read.flatMap(({ candidate, stored }): TriedVersion[] => {
    const why = reasonToSkip(stored, user);
    if (stored.kind === 'unusable') {
      return [{ candidate, login: 'skipped', why: why ?? 'unreadable' }];
    }
    const { password, ...names } = stored.credentials;
    if (why !== undefined) {
      return [{ candidate, login: 'skipped', why, names }];
    }
    const login = byPassword.get(password);
    return login === undefined ? [] : [triedVersion(candidate, login, stored.credentials)];
  });
}

/** A version with whose credential the command has logged in. */
export function triedVersion(
  candidate: Candidate,
  login: 'accepted' | 'rejected',
  credentials: Credentials,
): TriedVersion {
  const isNamed = login === 'accepted' || formOf(credentials).isPrintable(credentials.username);
  const { apiKeyId } = jsonName(credentials, isNamed);
  return { candidate, login, why: undefined, apiKeyId: apiKeyId ?? undefined };
}

/** The versions that searches for different users tried. A login says more than a skip. */
export function mergeTried(...searches: ReadonlyArray<readonly TriedVersion[]>): readonly TriedVersion[] {
  const merged = new Map<string, TriedVersion>();
  for (const version of searches.flat()) {
    if (version.login !== 'skipped' || !merged.has(version.candidate.versionId)) {
      merged.set(version.candidate.versionId, version);
    }
  }
  return [...merged.values()];
}

/**
 * AWSPENDING is tried first, and can hold the password of AWSCURRENT: Secrets Manager copies it
 * for the test of a new schedule, and after a rotation both labels are on one version. In both
 * cases the cluster accepts AWSCURRENT.
 */
function preferCurrent(accepted: AcceptedCredential, current: UsableCredential | undefined): AcceptedCredential {
  return current !== undefined &&
    isSameUser(accepted.credentials, current.credentials) &&
    accepted.credentials.password === current.credentials.password
    ? { ...current, candidate: { versionId: current.versionId, stage: 'current' } }
    : accepted;
}

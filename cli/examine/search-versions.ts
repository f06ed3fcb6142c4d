import type { Credentials } from '../../protocol/cluster/cluster.ts';
import {
  type AcceptedCredential,
  findAccepted,
  type ReadCandidate,
  type SearchAnswer,
} from '../../protocol/credential/find-accepted.ts';
import { type ReadPorts, readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import {
  isSameUser,
  reasonToSkip,
  type SkipReason,
  type StoredCredential,
  searchKeyOf,
  type UsableCredential,
} from '../../protocol/credential/stored-credential.ts';
import { type ListedVersion, type SecretStore, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { memoize } from '../aws/memoize.ts';
import { type CommandLoginPorts, toLoginPorts } from '../cluster/login-with-check.ts';
import { commandForm } from '../credential-forms.ts';
import { catchKnown } from '../outcome/failure.ts';
import type { KnownStrategy } from './read-strategy.ts';

/** What the login with the credential of a version said, or why the credential was not sent. */
export interface TriedVersion {
  readonly login: 'accepted' | 'rejected' | 'skipped';
  /** Set if `login` is `skipped`. */
  readonly why: SkipReason | undefined;
  /** `undefined`: the version holds no usable credential. */
  readonly credentials: Credentials | undefined;
}

/** A secret whose strategy is known. Each version is read once, and each search is made once. */
export interface KnownSecret {
  readonly secret: RotatingSecret;
  /** Newest first. The date of a version that Secrets Manager does not list is 0. */
  readonly versions: readonly ListedVersion[];
  /** Whether `versions` includes the versions without a label. */
  readonly allListed: boolean;
  /** AWSCURRENT. `undefined` if it is not usable */
  readonly current: UsableCredential | undefined;
  readonly strategy: KnownStrategy;
  /** @throws SecretStoreError */
  readonly read: (versionId: string) => Promise<StoredCredential>;
  /**
   * Searches the versions for the password that the cluster accepts for one user, as setSecret
   * does. The password of the given user is not used.
   *
   * @throws SecretStoreError
   */
  readonly searchFor: (user: Credentials) => Promise<SearchAnswer>;
  /** The versions that the searches have read so far, by their ids. */
  readonly tried: ReadonlyMap<string, TriedVersion>;
}

/** Without the permission to list, returns the versions with a label, and adds a note. */
export async function listVersions(
  secret: RotatingSecret,
  store: SecretStore,
  notes: string[],
): Promise<{ versions: readonly ListedVersion[]; allListed: boolean }> {
  const labelled = secret.versions.map((version) => ({ ...version, createdAt: 0 }));
  const listed = await catchKnown(store.list(), SecretStoreError);
  if (listed instanceof SecretStoreError) {
    notes.push(`Versions without a label could not be listed, so the command did not try them. ${listed.message}`);
    return { versions: labelled, allListed: false };
  }
  // Secrets Manager does not list empty versions. They are the newest, because a rotation has just
  // created them.
  const empty = labelled.filter(({ versionId }) => !listed.some((version) => version.versionId === versionId));
  return { versions: [...empty, ...listed.toSorted((a, b) => b.createdAt - a.createdAt)], allListed: true };
}

/** By the ids of versions. */
type Logins = Map<string, 'accepted' | 'rejected'>;

const NOT_ALL_TRIED = 'The command was interrupted before it tried every version.';

/** Adds the searches. They begin when they are asked for. */
export function withSearches(
  found: Omit<KnownSecret, 'read' | 'searchFor' | 'tried'>,
  ports: ReadPorts & CommandLoginPorts,
): KnownSecret {
  const { secret, versions, current } = found;
  const tried = new Map<string, TriedVersion>();
  /** Notes what the login with each version said, also for versions with the same password. */
  const note = (read: readonly ReadCandidate[], user: Credentials, logins: Logins): void => {
    const usable = read.flatMap(({ stored }) => (stored.kind === 'usable' ? [stored] : []));
    const sent = usable.filter(({ versionId }) => logins.has(versionId));
    const byPassword = new Map(sent.map(({ credentials, versionId }) => [credentials.password, logins.get(versionId)]));
    for (const { versionId, stored } of read) {
      const credentials = stored.kind === 'usable' ? stored.credentials : undefined;
      const why = reasonToSkip(stored, user);
      const login = why === undefined ? byPassword.get(credentials?.password ?? '') : 'skipped';
      // A login says more than a skip by the search for another user.
      if (login !== undefined && (login !== 'skipped' || !tried.has(versionId))) {
        tried.set(versionId, { login, why, credentials });
      }
    }
  };
  const search = async (user: Credentials): Promise<SearchAnswer> => {
    const logins: Logins = new Map();
    const { read, ...answer } = await findAccepted(
      secret,
      { pendingId: commandForm(user).triedFirst(secret), known: current === undefined ? [] : [current] },
      user,
      {
        ...toLoginPorts(ports),
        reasonToStop: () => (ports.interrupted.aborted ? NOT_ALL_TRIED : undefined),
        endpoints: ports.endpoints,
        store: { read: ports.store.read, list: async () => versions },
        report: (event) => event.event === 'candidate-tried' && logins.set(event.candidate.versionId, event.login),
      },
    );
    note(read, user, logins);
    if (answer.kind !== 'found') {
      return answer;
    }
    const accepted = preferCurrent(answer.accepted, current);
    tried.set(accepted.versionId, { login: 'accepted', why: undefined, credentials: accepted.credentials });
    return { ...answer, accepted };
  };
  return {
    ...found,
    read: memoize(async (versionId: string) => await readVersionUnlessDenied(secret, versionId, ports)),
    searchFor: memoize(search, searchKeyOf),
    tried,
  };
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
    ? { ...current, stage: 'current' }
    : accepted;
}

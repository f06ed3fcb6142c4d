import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { SECOND_LOGIN_AFTER_MS } from '../../protocol/credential/login-rules.ts';
import {
  isSameUser,
  reasonToSkip,
  type SkipReason,
  type UsableCredential,
} from '../../protocol/credential/stored-credential.ts';
import { unlessDenied } from '../../protocol/credential/unless-denied.ts';
import type { ListedVersion, SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSPENDING, type Candidate, holderOf, orderCandidates } from '../../protocol/secret/versions.ts';
import type { WallClock } from '../clock.ts';
import { type CheckedLogin, type LoginPorts, loginOnce, loginWithCheck } from '../cluster/login.ts';
import { type ReadPorts, readVersion } from './read-version.ts';

export interface AcceptedCredential extends UsableCredential {
  readonly candidate: Candidate;
}

export interface TriedVersion {
  readonly candidate: Candidate;
  readonly login: 'accepted' | 'rejected' | 'skipped';
  /** Why the password was not sent. Set if `login` is `skipped`. */
  readonly why: SkipReason | undefined;
  /** The other user and host of a skipped version, if the command may log in there. */
  readonly names?: string | undefined;
}

/**
 * - `none`: the cluster rejects every tried password, each of them twice.
 * - `not-enforced`: the cluster accepts wrong passwords too, so no login proves anything.
 * - `undecided`: an answer neither accepts nor rejects. A change because of this answer could lock
 *   applications out.
 */
export type VersionSearch =
  | { kind: 'found'; inForce: AcceptedCredential; roles: readonly string[] }
  | { kind: 'none' }
  | { kind: 'not-enforced' }
  | { kind: 'undecided'; why: string };

export interface SearchPorts extends ReadPorts, LoginPorts {
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
}

const INTERRUPTED: VersionSearch = {
  kind: 'undecided',
  why: 'The command was interrupted before it tried every version.',
};

/**
 * Searches the versions for the password that the cluster accepts. Logs in only at one endpoint
 * and as one user, once for each distinct password. Stops at the first accepted password.
 *
 * If the cluster rejects every password, each password gets a second login after a pause. The
 * reason: a Milvus proxy rejects every password of a user if the proxy does not know the user and
 * cannot reach its root coordinator.
 *
 * @param current AWSCURRENT. `undefined` if it is not usable
 * @param user whose password is searched. Its own password is not used.
 * @param onTried called again for a version whose password the second login accepts
 * @throws SecretStoreError
 */
export async function searchVersions(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { current, user }: { current: UsableCredential | undefined; user: Credentials },
  ports: SearchPorts,
  onTried: (version: TriedVersion) => void,
): Promise<VersionSearch> {
  /** @returns `undefined` if the cluster rejects the password of these versions */
  const conclude = (answer: CheckedLogin, versions: SamePassword): VersionSearch | undefined => {
    switch (answer.kind) {
      case 'accepted': {
        const inForce = preferCurrent(versions[0], current);
        for (const { candidate } of [...versions, inForce]) {
          onTried({ candidate, login: 'accepted', why: undefined });
        }
        return { kind: 'found', inForce, roles: answer.roles };
      }
      case 'rejected':
        return undefined;
      case 'not-enforced':
        return answer;
      case 'forbidden':
      case 'unavailable':
        return { kind: 'undecided', why: answer.explanation };
    }
  };

  const rejected = new Map<string, SamePassword>();
  /** @returns `undefined` if the version is skipped, or if the cluster rejects its password */
  const tryVersion = async (candidate: Candidate, again: boolean): Promise<VersionSearch | undefined> => {
    const { versionId } = candidate;
    const stored =
      current?.versionId === versionId ? current : await unlessDenied(readVersion(secret, versionId, ports));
    const why = reasonToSkip(stored, user);
    if (stored.kind === 'unusable' || why !== undefined) {
      const names = stored.kind === 'usable' ? nameOf(stored.credentials) : undefined;
      onTried({ candidate, login: 'skipped', why: why ?? 'unreadable', names });
      return undefined;
    }
    const { credentials } = stored;
    const version = { ...stored, candidate };
    const same = rejected.get(credentials.password);
    if (same === undefined || again) {
      // A rejected password has already shown that the cluster checks passwords.
      const answer =
        rejected.size > 0 ? await loginOnce(ports.cluster, credentials) : await loginWithCheck(credentials, ports);
      const search = conclude(answer, same ?? [version]);
      if (search !== undefined) {
        return search;
      }
    }
    rejected.set(credentials.password, same === undefined ? [version] : [...same, version]);
    onTried({ candidate, login: 'rejected', why: undefined });
    return undefined;
  };

  const candidates = orderCandidates(secret, listed, holderOf(secret, AWSPENDING));
  for (const candidate of candidates) {
    const search = ports.interrupted.aborted ? INTERRUPTED : await tryVersion(candidate, false);
    if (search !== undefined) {
      return search;
    }
  }
  if (rejected.size > 0) {
    await ports.clock.sleep(SECOND_LOGIN_AFTER_MS, ports.interrupted);
  }
  for (const versions of rejected.values()) {
    const search = ports.interrupted.aborted
      ? INTERRUPTED
      : conclude(await loginOnce(ports.cluster, versions[0].credentials), versions);
    if (search !== undefined) {
      return search;
    }
  }
  // A running rotation may have stored or set its password while other versions were tried.
  const pending = candidates.find(({ stage }) => stage === 'pending');
  return (pending && (await tryVersion(pending, true))) ?? { kind: 'none' };
}

/** Versions with the same password. */
type SamePassword = readonly [AcceptedCredential, ...AcceptedCredential[]];

/**
 * AWSPENDING is tried first, and can hold the password of AWSCURRENT: Secrets Manager copies it
 * for the test of a new schedule, and after a rotation both labels are on one version. In both
 * cases AWSCURRENT is in force.
 */
function preferCurrent(accepted: AcceptedCredential, current: UsableCredential | undefined): AcceptedCredential {
  return current !== undefined &&
    isSameUser(accepted.credentials, current.credentials) &&
    accepted.credentials.password === current.credentials.password
    ? { ...current, candidate: { versionId: current.versionId, stage: 'current' } }
    : accepted;
}

/** A user of a cluster, for a message. */
export function nameOf({ username, endpoint }: Credentials): string {
  return `${username} at ${endpoint.url}`;
}

import { reasonToSkip, type SkipReason, type UsableCredential } from '../../credential/stored-credential.ts';
import type { ListedVersion, SecretDescription } from '../../secret/store.ts';
import { AWSPENDING, type Candidate, holderOf, orderCandidates } from '../../secret/versions.ts';
import { type LoginPorts, loginOnce, loginWithCheck } from '../cluster/login.ts';
import { type ReadPorts, readUnlessDenied } from './read-version.ts';

export interface InForceCredential extends UsableCredential {
  readonly candidate: Candidate;
}

export interface TriedVersion {
  readonly candidate: Candidate;
  readonly login: 'accepted' | 'rejected' | 'skipped';
  /** Why the password was not sent. Set if `login` is `skipped`. */
  readonly why: SkipReason | undefined;
}

/**
 * - `none`: the cluster rejects every tried password.
 * - `not-enforced`: the cluster accepts wrong passwords too, so no login proves anything.
 * - `undecided`: an answer neither accepts nor rejects. A change because of this answer could lock
 *   applications out.
 */
export type Search =
  | { kind: 'found'; inForce: InForceCredential }
  | { kind: 'none' }
  | { kind: 'not-enforced' }
  | { kind: 'undecided'; why: string };

export interface FindPorts extends ReadPorts, LoginPorts {
  readonly interrupted: AbortSignal;
}

/**
 * Finds the stored password that the cluster accepts. Logs in only at the endpoint and user that
 * AWSCURRENT names, once for each distinct password, and stops at the first password that the
 * cluster accepts.
 *
 * @throws SecretStoreError
 */
export async function findInForce(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  current: UsableCredential,
  ports: FindPorts,
  onTried: (version: TriedVersion) => void,
): Promise<Search> {
  const rejected = new Set<string>();
  for (const candidate of orderCandidates(secret, listed, holderOf(secret, AWSPENDING))) {
    if (ports.interrupted.aborted) {
      return { kind: 'undecided', why: 'The command was interrupted before it tried every version.' };
    }
    const { versionId } = candidate;
    const stored = versionId === current.versionId ? current : await readUnlessDenied(secret, versionId, ports);
    const why = reasonToSkip(stored, current.credentials);
    if (stored.kind === 'unusable' || why !== undefined) {
      onTried({ candidate, login: 'skipped', why: why ?? 'unreadable' });
      continue;
    }
    const { credentials } = stored;
    if (rejected.has(credentials.password)) {
      onTried({ candidate, login: 'rejected', why: undefined });
      continue;
    }
    // A rejected password has already shown that the cluster checks passwords.
    const answer =
      rejected.size > 0 ? await loginOnce(ports.cluster, credentials) : await loginWithCheck(credentials, ports);
    switch (answer.kind) {
      case 'accepted': {
        const inForce = preferCurrent({ ...stored, candidate }, current);
        const accepted = new Map([candidate, inForce.candidate].map((version) => [version.versionId, version]));
        for (const version of accepted.values()) {
          onTried({ candidate: version, login: 'accepted', why: undefined });
        }
        return { kind: 'found', inForce };
      }
      case 'rejected':
        rejected.add(credentials.password);
        onTried({ candidate, login: 'rejected', why: undefined });
        break;
      case 'not-enforced':
        return answer;
      case 'forbidden':
      case 'unavailable':
        return { kind: 'undecided', why: answer.explanation };
    }
  }
  return { kind: 'none' };
}

/**
 * AWSPENDING is tried first, and can hold the password of AWSCURRENT: Secrets Manager copies it
 * for the test of a new schedule, and after a rotation both labels are on one version. In both
 * cases AWSCURRENT is in force.
 */
function preferCurrent(accepted: InForceCredential, current: UsableCredential): InForceCredential {
  return accepted.credentials.password === current.credentials.password
    ? { ...current, candidate: { versionId: current.versionId, stage: 'current' } }
    : accepted;
}

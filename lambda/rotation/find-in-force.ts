import type { SecretDescription } from '../../secret/store.ts';
import { type Candidate, candidates, STRANDED_AT_MOST } from '../../secret/versions.ts';
import { RotationError } from './errors.ts';
import { accepts } from './logins.ts';
import type { RotationPorts, StoredCredential } from './ports.ts';
import { readCandidate } from './stored-credentials.ts';

export interface InForceCredential extends StoredCredential {
  readonly candidate: Candidate;
}

/**
 * Finds the stored password that the cluster accepts now: the pending one, the current, the previous, then those that
 * earlier rotations left behind. Each distinct password costs one login, and the search ends at the first that passes.
 * The stranded ones are listed only when the others were rejected, which a healthy rotation never sees.
 *
 * @returns undefined when the cluster rejected every one.
 * @throws RotationError at the first answer that is neither yes nor no, or when the time runs out: a search that
 * skipped a candidate proves nothing.
 */
export async function findInForce(
  ports: RotationPorts,
  description: SecretDescription,
  current: StoredCredential,
  pending: StoredCredential,
): Promise<InForceCredential | undefined> {
  const rejected = new Set<string>();
  const passes = async (stored: StoredCredential, candidate: Candidate): Promise<boolean> => {
    if (rejected.has(stored.credentials.password)) {
      return false;
    }
    const accepted = await accepts(ports, stored.credentials);
    ports.report({ event: 'candidate-tried', candidate, login: accepted ? 'accepted' : 'rejected' });
    rejected.add(stored.credentials.password);
    return accepted;
  };

  const seen = new Set<string>();
  const search = async (order: readonly Candidate[]): Promise<InForceCredential | undefined> => {
    for (const candidate of order.filter(({ versionId }) => !seen.has(versionId))) {
      seen.add(candidate.versionId);
      const stored = await read(candidate);
      if ('unfit' in stored) {
        ports.report({ event: 'candidate-skipped', candidate, why: stored.unfit });
      } else if (await passes(stored, candidate)) {
        return { ...stored, candidate };
      }
    }
    return undefined;
  };
  const read = async ({ versionId }: Candidate) => {
    const known = [pending, current].find((stored) => stored.versionId === versionId);
    return known ?? (await readCandidate(ports, description, current, versionId));
  };

  return (
    (await search(candidates(description, [], pending.versionId))) ??
    (await search(candidates(description, await ports.store.list(), pending.versionId)))
  );
}

export function noneInForce({ credentials }: StoredCredential): RotationError {
  return new RotationError(
    'NONE_IN_FORCE',
    `${credentials.endpoint.url} rejects every stored password of ${credentials.username}: the pending, the current, the previous and up to ${STRANDED_AT_MOST} others, newest first.`,
    'none of the stored',
  );
}

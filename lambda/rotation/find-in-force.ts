import { reasonToSkip, type UsableCredential } from '../../credential/stored-credential.ts';
import { type Candidate, orderCandidates, STRANDED_AT_MOST } from '../../secret/versions.ts';
import type { Attempt, RotatedPair } from './attempt.ts';
import { RotationError } from './errors.ts';
import { canLogIn } from './logins.ts';
import type { RotationPorts } from './ports.ts';
import { readVersion } from './read-credentials.ts';

export interface InForceCredential extends UsableCredential {
  readonly candidate: Candidate;
}

/**
 * Finds the stored password that the cluster accepts now: the pending one, the current, the previous, then the stranded
 * ones. Each distinct password costs one login, and the search ends at the first that is accepted. The stranded versions
 * are listed only if the others were rejected, which does not happen in a healthy rotation.
 *
 * @returns undefined if the cluster rejected every password.
 * @throws RotationError at the first answer that neither accepts nor rejects, or if the time runs out: a search that
 * skipped a candidate proves nothing.
 */
export async function findInForce(
  ports: RotationPorts,
  { description }: Attempt,
  { current, pending }: RotatedPair,
): Promise<InForceCredential | undefined> {
  const rejected = new Set<string>();
  const logIn = async ({ credentials }: UsableCredential, candidate: Candidate): Promise<boolean> => {
    if (rejected.has(credentials.password)) {
      return false;
    }
    const accepted = await canLogIn(ports, credentials);
    ports.report({ event: 'candidate-tried', candidate, login: accepted ? 'accepted' : 'rejected' });
    rejected.add(credentials.password);
    return accepted;
  };

  const searched = new Set<string>();
  const search = async (order: readonly Candidate[]): Promise<InForceCredential | undefined> => {
    for (const candidate of order.filter(({ versionId }) => !searched.has(versionId))) {
      const { versionId } = candidate;
      searched.add(versionId);
      const known = [pending, current].find((version) => version.versionId === versionId);
      const stored = known ?? (await readVersion(ports, description, versionId));
      const why = reasonToSkip(stored, current.credentials);
      if (stored.kind === 'unusable' || why !== undefined) {
        ports.report({ event: 'candidate-skipped', candidate, why: why ?? 'unreadable' });
      } else if (await logIn(stored, candidate)) {
        return { ...stored, candidate };
      }
    }
    return undefined;
  };

  return (
    (await search(orderCandidates(description, [], pending.versionId))) ??
    (await search(orderCandidates(description, await ports.store.list(), pending.versionId)))
  );
}

export function noneInForce({ credentials }: UsableCredential): RotationError {
  return new RotationError(
    'NONE_IN_FORCE',
    `${credentials.endpoint.url} rejects every stored password of ${credentials.username}: the pending, the current, the previous and up to ${STRANDED_AT_MOST} others, newest first.`,
    'none of the stored',
  );
}

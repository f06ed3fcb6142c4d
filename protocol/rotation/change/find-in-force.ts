import { SECOND_LOGIN_AFTER_MS } from '../../credential/login-rules.ts';
import { keepsCurrentValid } from '../../credential/rotation-strategy.ts';
import { reasonToSkip, type UnusableCredential, type UsableCredential } from '../../credential/stored-credential.ts';
import { type Candidate, orderCandidates } from '../../secret/versions.ts';
import type { Attempt, RotatedPair } from '../attempt.ts';
import type { RotationPorts } from '../ports.ts';
import { readVersionUnlessDenied } from '../read-credentials.ts';
import { batchesOf, findAcceptedByLogin, type InForceCredential } from './find-accepted-by-login.ts';

/** `denied`: AWS denied access to a version, so its password was not tried. */
export type Search =
  | { kind: 'found'; inForce: InForceCredential }
  | { kind: 'none'; denied: UnusableCredential | undefined };

/**
 * Finds the stored password that the cluster accepts now for the user of the pending version.
 * Tries the pending version, the current, the previous, then the stranded versions, and stops at
 * the first accepted password. A healthy rotation ends before the stranded versions, so these are
 * listed only if needed.
 *
 * Each distinct password costs one login. If the cluster rejects all passwords, each password gets
 * a second login after a pause. The reason: a Milvus proxy rejects every password of a user if the
 * user is not in its cache and the proxy cannot reach its root coordinator.
 *
 * @throws RotationError at the first answer that neither accepts nor rejects, or if the time runs
 * out, because the password of a version that was not tried may be in force.
 */
export async function findInForce(
  ports: RotationPorts,
  { description, strategy }: Attempt,
  { current, pending }: RotatedPair,
): Promise<Search> {
  const isOtherUser = keepsCurrentValid(strategy, current.credentials);
  const credentials: InForceCredential[] = [];
  let denied: UnusableCredential | undefined;

  /** Reads versions, and skips those that cannot be in force or whose password was read before. */
  const readDistinct = async (candidates: readonly Candidate[]): Promise<InForceCredential[]> => {
    const start = credentials.length;
    const versions = await Promise.all(
      candidates.map(async (candidate) => {
        const known = [pending, current].find(({ versionId }) => versionId === candidate.versionId);
        return { candidate, stored: known ?? (await readVersionUnlessDenied(ports, description, candidate.versionId)) };
      }),
    );
    for (const { candidate, stored } of versions) {
      const why = reasonToSkip(stored, pending.credentials);
      if (stored.kind === 'unusable' || why !== undefined) {
        denied ??= stored.kind === 'unusable' && stored.reason === 'denied' ? stored : undefined;
        ports.report({ event: 'candidate-skipped', candidate, why: why ?? 'unreadable' });
      } else if (!credentials.some((other) => hasSamePassword(other, stored))) {
        credentials.push({ ...stored, candidate });
      }
    }
    return credentials.slice(start);
  };

  const named = orderCandidates(description, [], pending.versionId);
  for (const candidate of named.filter(({ stage }) => stage !== 'current' || !isOtherUser)) {
    const inForce = await findAcceptedByLogin(ports, await readDistinct([candidate]));
    if (inForce !== undefined) {
      return { kind: 'found', inForce };
    }
  }
  const stranded = orderCandidates(description, await ports.store.list(), pending.versionId).slice(named.length);
  for (const batch of batchesOf(stranded)) {
    const inForce = await findAcceptedByLogin(ports, await readDistinct(batch));
    if (inForce !== undefined) {
      return { kind: 'found', inForce };
    }
  }
  ports.report({ event: 'search-repeated', waitMs: SECOND_LOGIN_AFTER_MS });
  await ports.clock.wait(SECOND_LOGIN_AFTER_MS);
  const inForce = await findAcceptedByLogin(ports, credentials);
  return inForce === undefined ? { kind: 'none', denied } : { kind: 'found', inForce };
}

function hasSamePassword(a: UsableCredential, b: UsableCredential): boolean {
  return a.credentials.password === b.credentials.password;
}

import type { SecretDescription } from '../../secret/store.ts';
import { AWSPENDING, SENT_LABELS_AT_MOST, sentLabel, sentVersions } from '../../secret/versions.ts';
import type { RotationPorts, StoredCredential } from './ports.ts';
import type { Outcome } from './progress.ts';
import { pendingFrom, readCandidate, readCurrent } from './stored-credentials.ts';

/**
 * Stores a new password as AWSPENDING. Touches no cluster, and an existing pending value stands: it may have been sent.
 *
 * The sent label goes on in the same call: from the moment at which the password can reach the cluster, the version
 * cannot be deleted, whatever happens to AWSPENDING.
 */
export async function createSecret(
  ports: RotationPorts,
  description: SecretDescription,
  currentId: string,
  token: string,
): Promise<Outcome> {
  const current = await readCurrent(ports, description, currentId);
  const existing = await ports.store.read(token);
  if (existing !== undefined) {
    await pendingFrom(ports, existing, description, current, token);
    return 'already-created';
  }
  const room = await makeRoom(ports, description, current, token);
  const stored = await ports.store.put({
    versionId: token,
    value: current.withPassword(room.carriedOn?.credentials.password ?? ports.newPassword()),
    labels: [AWSPENDING, sentLabel(token)],
  });
  // A conflict is another invocation of this same step that was quicker: its password stands, and may be another one.
  if (stored === 'conflict') {
    return 'already-created';
  }
  for (const versionId of room.retire) {
    await ports.store.removeLabel({ label: sentLabel(versionId), from: versionId });
    ports.report({ event: 'label-retired', versionId });
  }
  return room.carriedOn === undefined ? 'created' : 'carried-on';
}

interface Room {
  /** The stored password to go on with in place of a new one. */
  readonly carriedOn: StoredCredential | undefined;
  /** The versions whose labels are no longer needed once the new one is stored. */
  readonly retire: readonly string[];
}

/**
 * Secrets Manager takes 20 labels a secret. Once too many versions hold passwords that were perhaps sent and never
 * settled, the newest of these passwords is carried on instead of making another, so that every one stays findable; it
 * takes ten rotations in a row that were un-stuck by hand without reaching the cluster to get here. Where none of them
 * is for the present host and user, the oldest labels are given up: their passwords can be of no use here.
 */
async function makeRoom(
  ports: RotationPorts,
  description: SecretDescription,
  current: StoredCredential,
  token: string,
): Promise<Room> {
  const left = new Set(sentVersions(description, token));
  if (left.size < SENT_LABELS_AT_MOST) {
    return { carriedOn: undefined, retire: [] };
  }
  const newestFirst = (await ports.store.list())
    .filter(({ versionId }) => left.has(versionId) && versionId !== current.versionId)
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const fit: StoredCredential[] = [];
  for (const { versionId } of newestFirst) {
    const candidate = await readCandidate(ports, description, current, versionId);
    if (!('unfit' in candidate)) {
      fit.push(candidate);
    }
  }
  const [carriedOn] = fit;
  // More than one version holds the password that is carried on when an earlier retirement did not come to its end.
  return carriedOn === undefined
    ? { carriedOn, retire: newestFirst.slice(SENT_LABELS_AT_MOST - 1).map(({ versionId }) => versionId) }
    : {
        carriedOn,
        retire: fit
          .filter(({ credentials }) => credentials.password === carriedOn.credentials.password)
          .map(({ versionId }) => versionId),
      };
}

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
    pendingFrom(existing, ports.settings, description, current, token);
    return 'already-created';
  }
  const room = await makeRoom(ports, description, current, token);
  const stored = await ports.store.put({
    versionId: token,
    value: current.withPassword(room.carriedOn?.credentials.password ?? ports.newPassword()),
    labels: [AWSPENDING, sentLabel(token)],
  });
  if (room.retire !== undefined) {
    await ports.store.removeLabel({ label: sentLabel(room.retire), from: room.retire });
    ports.report({ event: 'label-retired', versionId: room.retire });
  }
  // A conflict is another invocation of this same step that was quicker: its password stands.
  if (stored === 'conflict') {
    return 'already-created';
  }
  return room.carriedOn === undefined ? 'created' : 'carried-on';
}

interface Room {
  /** The stored password to go on with in place of a new one. */
  readonly carriedOn: StoredCredential | undefined;
  /** The version whose label is no longer needed once the new one is stored. */
  readonly retire: string | undefined;
}

/**
 * Secrets Manager takes 20 labels a secret. Once too many versions hold passwords that were perhaps sent and never
 * settled, the newest of these passwords is carried on instead of making another, so that every one stays findable; it
 * takes ten rotations in a row that were un-stuck by hand without reaching the cluster to get here. Where none of them
 * is for the present host and user, the oldest label is given up: its password can be of no use here.
 */
async function makeRoom(
  ports: RotationPorts,
  description: SecretDescription,
  current: StoredCredential,
  token: string,
): Promise<Room> {
  const left = new Set(sentVersions(description, token));
  if (left.size < SENT_LABELS_AT_MOST) {
    return { carriedOn: undefined, retire: undefined };
  }
  const newestFirst = (await ports.store.list())
    .filter(({ versionId }) => left.has(versionId) && versionId !== current.versionId)
    .toSorted((a, b) => b.createdAt - a.createdAt);
  for (const { versionId } of newestFirst) {
    const candidate = await readCandidate(ports, description, current, versionId);
    if (!('unfit' in candidate)) {
      return { carriedOn: candidate, retire: versionId };
    }
  }
  return { carriedOn: undefined, retire: newestFirst.at(-1)?.versionId };
}

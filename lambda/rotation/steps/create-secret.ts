import { reasonToSkip, type UsableCredential } from '../../../credential/stored-credential.ts';
import { STALE_COPIES_ADVICE } from '../../../secret/password-copies.ts';
import { AWSPENDING, roomForSentLabels, sentLabel, sentVersions } from '../../../secret/versions.ts';
import type { Attempt } from '../attempt.ts';
import { RotationError } from '../errors.ts';
import { releaseIfEdited } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';
import { readCurrent, readPending, readVersionUnlessDenied } from '../read-credentials.ts';

/**
 * Stores a new password as AWSPENDING. Calls no cluster, and keeps a pending value that exists,
 * because an earlier attempt may have sent it.
 *
 * The same call adds the sent label. So the version cannot be deleted from the moment at which its
 * password can reach the cluster, whatever happens to AWSPENDING.
 */
export async function createSecret(ports: RotationPorts, attempt: Attempt): Promise<Outcome> {
  const { token } = attempt;
  const current = await readCurrent(ports, attempt);
  const existing = await readPending(ports, attempt);
  if (existing !== undefined) {
    await releaseIfEdited(ports, attempt, { current, pending: existing });
    return 'already-created';
  }
  requireNoStaleKeys(current);
  const { reused, duplicates, retired } = await readSentLabelPlan(ports, attempt, current);
  await removeSentLabels(ports, duplicates);
  const stored = await ports.store.put({
    versionId: token,
    value: current.withPassword(reused?.credentials.password ?? ports.newPassword()),
    labels: [AWSPENDING, sentLabel(token)],
  });
  // Another invocation of this step was faster. Its value stands, and may hold another password.
  if (stored === 'conflict') {
    return 'already-created';
  }
  await removeSentLabels(ports, retired);
  return reused === undefined ? 'created' : 'carried-on';
}

/**
 * A key that would keep the old password after the rotation could lock out the application that
 * reads it.
 */
function requireNoStaleKeys({ versionId, staleKeys }: UsableCredential): void {
  if (staleKeys.length > 0) {
    const keys = staleKeys.map((key) => `"${key}"`).join(', ');
    throw new RotationError(
      'CURRENT_INVALID',
      `The AWSCURRENT version ${versionId} repeats the password in ${keys}, in a form that a rotation does not update. ${STALE_COPIES_ADVICE}`,
    );
  }
}

interface SentLabelPlan {
  /** The version whose password is used again instead of a new one. */
  readonly reused: UsableCredential | undefined;
  /**
   * Versions that hold the reused password as well, because an earlier retirement was cut off.
   * They lose their label.
   */
  readonly duplicates: readonly string[];
  /** Versions that lose their sent label after the new version is stored. */
  readonly retired: readonly string[];
}

async function removeSentLabels(ports: RotationPorts, versionIds: readonly string[]): Promise<void> {
  for (const versionId of versionIds) {
    await ports.store.removeLabel({ label: sentLabel(versionId), from: versionId });
    ports.report({ event: 'label-retired', versionId });
  }
}

/**
 * Reads and lists versions to find room for one more sent label, because Secrets Manager allows 20
 * labels a secret.
 *
 * If too many versions hold passwords that may have been sent, the newest of these passwords is
 * used again, so that each stays findable. This takes ten rotations in a row whose AWSPENDING was
 * removed by hand before they changed the cluster. If no such password is for the current host and
 * user, the oldest labels are retired.
 */
async function readSentLabelPlan(
  ports: RotationPorts,
  { description, token }: Attempt,
  current: UsableCredential,
): Promise<SentLabelPlan> {
  const labelled = new Set(sentVersions(description, token));
  const room = roomForSentLabels(description);
  if (labelled.size < room) {
    return { reused: undefined, duplicates: [], retired: [] };
  }
  const newestFirst = (await ports.store.list())
    .filter(({ versionId }) => labelled.has(versionId) && versionId !== current.versionId)
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const usable: UsableCredential[] = [];
  for (const { versionId } of newestFirst) {
    const stored = await readVersionUnlessDenied(ports, description, versionId);
    if (stored.kind === 'usable' && reasonToSkip(stored, current.credentials) === undefined) {
      usable.push(stored);
    }
  }
  const [reused, ...others] = usable;
  if (reused === undefined) {
    const oldest = newestFirst.slice(Math.max(0, room - 1)).map(({ versionId }) => versionId);
    return { reused, duplicates: [], retired: oldest };
  }
  const duplicates = others.filter(({ credentials }) => credentials.password === reused.credentials.password);
  return { reused, duplicates: duplicates.map(({ versionId }) => versionId), retired: [reused.versionId] };
}

import type { UsableCredential } from '../../../credential/stored-credential.ts';
import { STALE_COPIES_ADVICE } from '../../../secret/password-copies.ts';
import { AWSPENDING, hasRoomForNewPassword, sentLabel } from '../../../secret/versions.ts';
import type { Attempt } from '../attempt.ts';
import { RotationError } from '../errors.ts';
import { releaseIfEdited } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';
import { readCurrent, readPending } from '../read-credentials.ts';
import { findReusablePassword, makeRoomForLabels } from '../sent-labels.ts';

/**
 * Stores a new password as AWSPENDING. Calls no cluster, and keeps a pending value that exists,
 * because an earlier attempt may have sent it.
 *
 * The same call adds the sent label. So the version cannot be deleted from the moment at which its
 * password can reach the cluster, whatever happens to AWSPENDING. If there is no room for another
 * sent label, the version reuses a password that was stored before, and takes its label over.
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
  const reused = hasRoomForNewPassword(attempt.description)
    ? undefined
    : await findReusablePassword(ports, attempt, current);
  await makeRoomForLabels(ports, attempt, current, { needed: reused === undefined ? 1 : 0 });
  const stored = await ports.store.put({
    versionId: token,
    value: current.withPassword(reused?.password ?? ports.newPassword()),
    labels: [AWSPENDING, reused?.label ?? sentLabel(token)],
  });
  // Another invocation of this step was faster. Its value stands, and may hold another password.
  if (stored === 'conflict') {
    return 'already-created';
  }
  if (reused === undefined) {
    return 'created';
  }
  ports.report({ event: 'label-retired', versionId: reused.versionId });
  return 'carried-on';
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

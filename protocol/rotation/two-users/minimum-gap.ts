import { rotatedCredentials, rotatesWithoutGap } from '../../credential/rotation-strategy.ts';
import { reasonToSkip, type UsableCredential } from '../../credential/stored-credential.ts';
import { AWSPENDING, AWSPREVIOUS, holderOf } from '../../secret/versions.ts';
import type { Attempt } from '../attempt.ts';
import { RotationError } from '../errors.ts';
import type { RotationPorts } from '../ports.ts';
import { readVersionUnlessDenied } from '../read-credentials.ts';

/**
 * If the minimum gap has not passed, removes AWSPENDING from the empty version and refuses the
 * rotation. With AWSPENDING there, Secrets Manager would refuse every new rotation, also one that
 * a person asks for after a leak.
 *
 * A rotation with two users ends the credential that was current before the present one.
 * Applications may use that credential from their memory for some time after it was replaced. The
 * minimum gap starts at that time.
 *
 * @throws RotationError ROTATED_TOO_RECENTLY after AWSPENDING was removed.
 */
export async function removePendingWithinMinimumGap(
  ports: RotationPorts,
  attempt: Attempt,
  current: UsableCredential,
): Promise<void> {
  // The comparison below could still refuse without a gap, if AWS's clock is ahead of this clock.
  if (rotatesWithoutGap(attempt.token) || ports.settings.minimumGapMs === 0) {
    return;
  }
  const possibleFrom = (await readReplacementTime(ports, attempt, current)) + ports.settings.minimumGapMs;
  if (ports.clock.date() >= possibleFrom) {
    return;
  }
  await ports.store.removeLabel({ label: AWSPENDING, from: attempt.token });
  const { rotatedUser } = attempt.strategy;
  throw new RotationError(
    'ROTATED_TOO_RECENTLY',
    `Applications may still use the credential of ${rotatedUser(current.credentials.username)}, which was current before the present one. The next rotation is possible from ${new Date(possibleFrom).toISOString()}, so AWSPENDING was removed from ${attempt.token}.`,
    'current',
  );
}

/**
 * Reads when AWSCURRENT left the credential that this rotation ends: milliseconds since the epoch,
 * 0 if that never happened.
 *
 * AWSCURRENT moved when the last rotation ended, or when a person stored the present version.
 * Secrets Manager gives no date if a person moved only the label.
 */
async function readReplacementTime(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<number> {
  const { description, strategy } = attempt;
  const lastRotatedAt = description.lastRotatedAt ?? 0;
  const previousId = holderOf(description, AWSPREVIOUS);
  if (previousId === undefined) {
    return lastRotatedAt;
  }
  const previous = await readVersionUnlessDenied(ports, description, previousId);
  if (reasonToSkip(previous, rotatedCredentials(strategy, current.credentials)) !== undefined) {
    return lastRotatedAt;
  }
  const listed = await ports.store.list();
  return Math.max(lastRotatedAt, listed.find(({ versionId }) => versionId === current.versionId)?.createdAt ?? 0);
}

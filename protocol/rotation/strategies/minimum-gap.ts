import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { ListedVersion, SecretDescription } from '../../secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf } from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import { logInWithCurrent, requireAuthorization, undecidedError } from '../logins.ts';
import type { RotationPorts } from '../ports.ts';
import type { Attempt } from './strategy.ts';

/**
 * The start of a ClientRequestToken with which a person rotates although the minimum gap has not
 * passed, because a credential leaked. RotateSecret takes 32 to 64 characters.
 */
const WITHOUT_GAP = 'without-gap-';

/** @param id a UUID */
export function tokenWithoutGap(id: string): string {
  return `${WITHOUT_GAP}${id}`;
}

/** Whether a version is from a rotation with a {@link tokenWithoutGap}. */
export function isWithoutGap(versionId: string): boolean {
  return versionId.startsWith(WITHOUT_GAP);
}

/**
 * When AWSCURRENT last moved: milliseconds since the epoch. `undefined`: no version was AWSCURRENT
 * before the present one.
 *
 * AWSCURRENT moved when the last rotation ended, or when a person stored the present version.
 * finishSecret can be killed after the move, and then Secrets Manager does not set the date of the
 * last rotation. So the date of the present version counts too: createSecret stored it before the
 * move, by the time that setSecret and its retries took. Secrets Manager gives no date of the move
 * itself: the date of the last change also moves with each tag.
 */
export function currentMovedAt(secret: SecretDescription, listed: readonly ListedVersion[]): number | undefined {
  if (holderOf(secret, AWSPREVIOUS) === undefined) {
    return undefined;
  }
  const currentId = holderOf(secret, AWSCURRENT);
  const createdAt = listed.find(({ versionId }) => versionId === currentId)?.createdAt ?? 0;
  return Math.max(secret.lastRotatedAt ?? 0, createdAt);
}

/** `end`: milliseconds since the epoch. `undefined`: no gap forbids a rotation. */
export type MinimumGap =
  | { readonly hasPassed: true; readonly end: number | undefined }
  | { readonly hasPassed: false; readonly end: number };

/**
 * The time in which no rotation of two users may start. A rotation ends a credential that may have
 * been current until AWSCURRENT moved, and applications may still use it from their memory.
 *
 * @param token of the rotation, if it is known
 */
export function minimumGap(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { minimumGapMs, now, token = '' }: { minimumGapMs: number; now: number; token?: string },
): MinimumGap {
  const movedAt = currentMovedAt(secret, listed);
  // Without a gap, AWS's clock may be ahead of this clock.
  if (movedAt === undefined || minimumGapMs === 0 || isWithoutGap(token)) {
    return { hasPassed: true, end: undefined };
  }
  const end = movedAt + minimumGapMs;
  return { hasPassed: now >= end, end };
}

/**
 * If the minimum gap has not passed, removes AWSPENDING from the empty version and refuses the
 * rotation. With AWSPENDING there, Secrets Manager would refuse every new rotation, also one that
 * a person asks for after a leak.
 *
 * If the cluster rejects the credential in AWSCURRENT, the rotation repairs the secret, so it
 * starts.
 *
 * @throws RotationError ROTATED_TOO_RECENTLY after AWSPENDING was removed. The error of the logins,
 * if these prove nothing about the credential in AWSCURRENT: AWSPENDING stays.
 */
export async function removePendingWithinMinimumGap(
  ports: RotationPorts,
  { description, token }: Attempt,
  current: UsableCredential,
): Promise<void> {
  const { minimumGapMs } = ports.settings;
  const gap = minimumGap(description, await ports.store.list(), { minimumGapMs, now: ports.clock.date(), token });
  if (gap.hasPassed) {
    return;
  }
  const login = await logInWithCurrent(ports, current);
  if (login.kind === 'rejected') {
    return;
  }
  if (login.kind === 'undecided') {
    throw undecidedError(login);
  }
  await requireAuthorization(ports, current.credentials);
  await ports.store.removeLabel({ label: AWSPENDING, from: token });
  const [since, from] = [gap.end - minimumGapMs, gap.end].map((date) => new Date(date).toISOString());
  throw new RotationError(
    'ROTATED_TOO_RECENTLY',
    `AWSCURRENT moved at ${since}, and applications may still use a credential that was current before. The next rotation is possible from ${from}, so AWSPENDING was removed from ${token}.`,
    'current',
  );
}

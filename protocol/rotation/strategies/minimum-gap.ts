import type { ListedVersion, SecretDescription } from '../../secret/secret-store.ts';
import { AWSCURRENT, holderOf, isFirstValue, storedAt } from '../../secret/versions.ts';
import type { StartQuestion, StartRefusal } from './strategy.ts';

/**
 * The start of a ClientRequestToken with which a person rotates within the minimum gap, because a
 * credential leaked. RotateSecret takes 32 to 64 characters.
 */
const WITHOUT_GAP = 'without-gap-';

/** The start of a token with which the replaced API key is deleted at once. */
const REVOCATION = `${WITHOUT_GAP}revoke-`;

/** @param id a UUID */
export function tokenWithoutGap(id: string): string {
  return `${WITHOUT_GAP}${id}`;
}

/** @param id a UUID without its dashes */
export function revocationToken(id: string): string {
  return `${REVOCATION}${id}`;
}

export function isRevocation(token: string): boolean {
  return token.startsWith(REVOCATION);
}

/** Whether a version is from a rotation with a {@link tokenWithoutGap}. */
export function isWithoutGap(versionId: string): boolean {
  return versionId.startsWith(WITHOUT_GAP);
}

/**
 * When AWSCURRENT last moved: milliseconds since the epoch, `now` at the latest. `undefined`: no
 * version was AWSCURRENT before the present one.
 *
 * Secrets Manager gives no date of the move: the date of the last change also moves with each tag.
 * The date of the last rotation is too old if finishSecret was killed after the move, or a person
 * stored the present version. So the date of the present version counts too.
 * ASSUMPTION sm-last-rotated
 */
function currentMovedAt(secret: SecretDescription, listed: readonly ListedVersion[], now: number): number | undefined {
  if (isFirstValue(secret)) {
    return undefined;
  }
  const createdAt = storedAt(listed, holderOf(secret, AWSCURRENT) ?? '');
  return Math.min(now, Math.max(secret.lastRotatedAt ?? 0, createdAt));
}

/** `end`: milliseconds since the epoch. `undefined`: no gap forbids a rotation. */
export type MinimumGap =
  | { readonly hasPassed: true; readonly end: number | undefined }
  | { readonly hasPassed: false; readonly end: number };

/**
 * The time in which no rotation of two users may start: applications may still use a credential
 * that was current until AWSCURRENT moved.
 *
 * @param token of the rotation, if it is known
 */
export function minimumGap(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { minimumGapMs, now, token = '' }: Pick<StartQuestion, 'minimumGapMs' | 'now' | 'token'>,
): MinimumGap {
  const movedAt = currentMovedAt(secret, listed, now);
  // Without a gap, AWS's clock may be ahead of this clock.
  if (movedAt === undefined || minimumGapMs === 0 || isWithoutGap(token)) {
    return { hasPassed: true, end: undefined };
  }
  const end = movedAt + minimumGapMs;
  return { hasPassed: now >= end, end };
}

/**
 * Refuses a rotation within the minimum gap. If the cluster rejects the credential in AWSCURRENT,
 * the rotation repairs the secret, so it may start.
 */
export async function refuseWithinMinimumGap({
  secret,
  token,
  minimumGapMs,
  now,
  listVersions,
  isAccepted,
}: StartQuestion): Promise<StartRefusal | undefined> {
  if (minimumGapMs === 0) {
    return undefined;
  }
  const gap = minimumGap(secret, await listVersions(), { minimumGapMs, now, token });
  if (gap.hasPassed) {
    return undefined;
  }
  if (!(await isAccepted())) {
    return undefined;
  }
  const movedAt = new Date(gap.end - minimumGapMs).toISOString();
  const reason = `AWSCURRENT moved at ${movedAt}, and applications may still use a credential that was current before.`;
  return { reason, possibleFrom: gap.end };
}

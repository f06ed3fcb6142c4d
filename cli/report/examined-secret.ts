import type { Period, RotatingSecret } from '../aws/aws.ts';
import type { PastRotation } from '../past/past-rotation.ts';

export const DAY_MS = 86_400_000;

/** The dates of a secret, as far as the report derives them. */
export interface ExaminedSecret {
  readonly secret: RotatingSecret;
  readonly now: number;
  readonly period: Period;
  /** In the period, oldest first. */
  readonly rotations: readonly PastRotation[];
  /**
   * When the last rotation ended. From the past rotations if AWS gives no date, as while rotation
   * is off.
   */
  readonly rotatedAt: number | undefined;
  /** Milliseconds since the last rotation, or since the creation. */
  readonly ageMs: number;
  /** The age at which the schedule must have rotated. `undefined`: rotation is off. */
  readonly allowedAgeMs: number | undefined;
  readonly isOverdue: boolean;
}

export function examine(
  secret: RotatingSecret,
  rotations: readonly PastRotation[],
  period: Period,
  now: number,
): ExaminedSecret {
  const rotatedAt = secret.lastRotatedAt ?? successes(rotations).at(-1);
  const storedAt = rotatedAt ?? secret.createdAt ?? now;
  const next = secret.rotationEnabled ? secret.nextRotationAt : undefined;
  return {
    secret,
    now,
    period,
    rotations,
    rotatedAt,
    ageMs: Math.max(0, now - storedAt),
    allowedAgeMs: next === undefined ? undefined : Math.max(0, next - storedAt),
    isOverdue: next !== undefined && next < now,
  };
}

/** The ends of the rotations that succeeded, oldest first. */
function successes(rotations: readonly PastRotation[]): readonly number[] {
  return rotations.flatMap(({ kind, outcome, endedAt }) =>
    kind === 'rotation' && outcome?.value === 'succeeded' && endedAt !== undefined ? [endedAt.value] : [],
  );
}

export function lastRotationFailed({ rotations }: ExaminedSecret): boolean {
  const last = rotations.findLast(({ kind, outcome }) => kind === 'rotation' && outcome !== undefined);
  return last?.outcome?.value === 'failed' || last?.outcome?.value === 'abandoned';
}

/** Days between two rotations. `undefined` if the schedule does not tell. */
export function scheduledDays({ secret: { schedule = '' }, allowedAgeMs }: ExaminedSecret): number | undefined {
  const [, count, unit] = /^rate\((\d+) (hour|day)s?\)$/.exec(schedule) ?? [];
  if (count !== undefined) {
    return unit === 'hour' ? Number(count) / 24 : Number(count);
  }
  // A cron schedule states no interval. Take the time between the last and the next rotation.
  return allowedAgeMs === undefined ? undefined : allowedAgeMs / DAY_MS;
}

/** The longest known time in which a password of the period was in use. */
export function longestGap({ secret, rotations, rotatedAt, ageMs, period }: ExaminedSecret): number {
  const known = [...successes(rotations), ...(rotatedAt === undefined ? [] : [rotatedAt])].toSorted((a, b) => a - b);
  // Before the first known rotation, only the part of the period counts that the secret existed.
  const start = Math.max(period.since, secret.createdAt ?? period.since);
  const gaps = known.map((at, index) => at - (known[index - 1] ?? Math.min(start, at)));
  return Math.max(ageMs, ...gaps);
}

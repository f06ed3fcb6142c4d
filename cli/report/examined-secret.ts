import type { Period, RotatingSecret } from '../aws/aws.ts';
import { isOverdue } from '../examine/rotation-findings.ts';
import type { PastRotation } from '../history/past-rotation.ts';
import { DAY_MS } from '../terminal/time.ts';

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
  /** When a rotation succeeded, oldest first. With AWS's date of the last rotation. */
  readonly successes: readonly number[];
  /** Milliseconds since the last rotation, or since the creation. */
  readonly ageMs: number;
  /**
   * Milliseconds after the last rotation at which the secret counts as overdue. `undefined` if
   * rotation is off.
   */
  readonly allowedAgeMs: number | undefined;
  readonly isOverdue: boolean;
}

export function examine(
  secret: RotatingSecret,
  rotations: readonly PastRotation[],
  period: Period,
  now: number,
): ExaminedSecret {
  const found = successesIn(rotations);
  const rotatedAt = secret.lastRotatedAt ?? found.at(-1);
  const storedAt = rotatedAt ?? secret.createdAt ?? now;
  const next = secret.rotationEnabled ? secret.nextRotationAt : undefined;
  return {
    secret,
    now,
    period,
    rotations,
    rotatedAt,
    successes: [...found, ...(rotatedAt === undefined ? [] : [rotatedAt])].toSorted((a, b) => a - b),
    ageMs: Math.max(0, now - storedAt),
    allowedAgeMs: next === undefined ? undefined : Math.max(0, next - storedAt),
    isOverdue: isOverdue(secret, now),
  };
}

/** The ends of the rotations that succeeded, oldest first. */
function successesIn(rotations: readonly PastRotation[]): readonly number[] {
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
export function longestGap({ secret, successes, ageMs, period }: ExaminedSecret): number {
  // Before the first known rotation, only the part of the period counts that the secret existed.
  const start = Math.max(period.since, secret.createdAt ?? period.since);
  const gaps = successes.map((at, index) => at - (successes[index - 1] ?? Math.min(start, at)));
  return Math.max(ageMs, ...gaps);
}

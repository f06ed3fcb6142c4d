import { daysOf, MONTHS, WEEKDAYS } from './cron-days.ts';
import { valuesOf } from './cron-values.ts';
import { DURATION } from './shared-fields.ts';

/** `field` is the invalid key of Secrets Manager's RotationRules. `rule` says what is allowed. */
export type ScheduleCheck =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly field: 'schedule' | 'duration'; readonly rule: string };

export const DEFAULT_SCHEDULE = 'rate(30 days)';

const HOURS_IN_A_DAY = 24;
const MIN_HOURS_BETWEEN_ROTATIONS = 4;
const MAX_DAYS_BETWEEN_ROTATIONS = 999;

/**
 * Checks a schedule at synth, before Secrets Manager would refuse it during the deployment.
 *
 * @param expression `rate(10 days)` or `cron(0 4 1 * ? *)`, in UTC.
 * @param duration Length of the rotation window: `3h`. Default: one hour for a schedule in hours,
 * else the rest of the UTC day.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
export function checkSchedule(expression: string, duration?: string): ScheduleCheck {
  const rate = rateOf(expression);
  if (rate) {
    return checkRate(rate.every, rate.unit, duration);
  }
  const fields = cronFieldsOf(expression);
  if (fields) {
    return checkCron(fields, duration);
  }
  return schedule('Write rate(N hours), rate(N days) or cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *), in UTC.');
}

/**
 * The fewest hours between two rotations. Secrets Manager may rotate at any time in a window. So
 * one rotation can come at the end of its window, and the next at the start of its own.
 *
 * @param expression A valid schedule.
 * @param duration A valid window for the schedule.
 */
export function fewestHoursBetweenRotations(expression: string, duration?: string): number {
  const { gap, window } = openingsOf(expression);
  return gap - (duration === undefined ? window : Number.parseInt(duration, 10));
}

/** The fewest hours from one opening to the next, and the default length of a window in hours. */
function openingsOf(expression: string): { readonly gap: number; readonly window: number } {
  const rate = rateOf(expression);
  if (rate) {
    return rate.unit === 'hours'
      ? { gap: rate.every, window: 1 }
      : { gap: rate.every * HOURS_IN_A_DAY, window: HOURS_IN_A_DAY };
  }
  const [, hours = '', dayOfMonth = '', month = '', dayOfWeek = ''] = cronFieldsOf(expression) ?? [];
  const opening = valuesOf(hours, 0, 23, []) ?? new Set<number>();
  return {
    gap: smallestGap(opening, daysOf({ dayOfMonth, month, dayOfWeek }).inARow),
    window: opening.size > 1 ? 1 : HOURS_IN_A_DAY - Math.max(...opening),
  };
}

function rateOf(expression: string): { readonly every: number; readonly unit: 'hours' | 'days' } | undefined {
  const rate = /^rate\((\d+) (hours?|days?)\)$/.exec(expression);
  return rate ? { every: Number(rate[1]), unit: rate[2]?.startsWith('h') ? 'hours' : 'days' } : undefined;
}

function cronFieldsOf(expression: string): string[] | undefined {
  return /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ');
}

function checkRate(every: number, unit: 'hours' | 'days', duration: string | undefined): ScheduleCheck {
  const hours = unit === 'hours' ? every : every * HOURS_IN_A_DAY;
  if (hours < MIN_HOURS_BETWEEN_ROTATIONS || hours > MAX_DAYS_BETWEEN_ROTATIONS * HOURS_IN_A_DAY) {
    return schedule(
      `Write an interval from ${MIN_HOURS_BETWEEN_ROTATIONS} hours to ${MAX_DAYS_BETWEEN_ROTATIONS} days.`,
    );
  }
  return checkDuration(duration, Math.min(hours, HOURS_IN_A_DAY));
}

function checkCron(fields: readonly string[], duration: string | undefined): ScheduleCheck {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) {
    return schedule(
      `A cron expression has six fields: cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *). This expression has ${fields.length}.`,
    );
  }
  if (minutes !== '0') {
    return schedule('The first field (minutes) must be 0, because a rotation window starts on the hour.');
  }
  if (year !== '*') {
    return schedule('The last field (year) must be *, because two rotations are at most a year apart.');
  }
  const opening = valuesOf(hours, 0, 23, []);
  if (!opening) {
    return schedule('The second field (hours) takes 0 to 23 with , - * and /.');
  }
  if (!isDay(dayOfMonth, 1, 31, [], /^L$/)) {
    return schedule('The third field (day of month) takes 1 to 31 with , - * ? / and L.');
  }
  if (!valuesOf(month, 1, 12, MONTHS)) {
    return schedule('The fourth field (month) takes 1 to 12 or JAN to DEC with , - * and /.');
  }
  if (!isDay(dayOfWeek, 1, 7, WEEKDAYS, /^(([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])|L)$/)) {
    return schedule('The fifth field (day of week) takes 1 to 7 or SUN to SAT with , - * ? / L and #.');
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return schedule('Exactly one of the day of month and the day of week must be ?.');
  }
  const days = daysOf({ dayOfMonth, month, dayOfWeek });
  if (!days.any) {
    return schedule(
      'The fields select no day in at least one year. Secrets Manager accepts only a schedule with a rotation in every year.',
    );
  }
  const gap = smallestGap(opening, days.inARow);
  if (gap < MIN_HOURS_BETWEEN_ROTATIONS) {
    return schedule(
      `Secrets Manager rotates at most every ${MIN_HOURS_BETWEEN_ROTATIONS} hours. Two of these hours are only ${gap} apart.`,
    );
  }
  return checkDuration(duration, Math.min(gap, HOURS_IN_A_DAY - Math.max(...opening)));
}

function checkDuration(duration: string | undefined, longest: number): ScheduleCheck {
  if (duration === undefined) {
    return { kind: 'valid' };
  }
  const rule =
    DURATION.safeParse(duration).error?.issues[0]?.message ??
    (Number.parseInt(duration, 10) > longest
      ? `The window must end before the next window and before the next UTC day. With this schedule the maximum is ${longest}h.`
      : undefined);
  return rule === undefined ? { kind: 'valid' } : { kind: 'invalid', field: 'duration', rule };
}

function schedule(rule: string): ScheduleCheck {
  return { kind: 'invalid', field: 'schedule', rule };
}

/**
 * Smallest number of hours between two openings, over midnight too if the schedule can open on two
 * days in a row.
 */
function smallestGap(opening: ReadonlySet<number>, daysInARow: boolean): number {
  const sorted = [...opening].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((hour, index) => hour - (sorted[index] ?? hour));
  const night = HOURS_IN_A_DAY + (sorted[0] ?? 0) - (sorted.at(-1) ?? 0);
  return Math.min(...gaps, daysInARow ? night : night + HOURS_IN_A_DAY);
}

function isDay(field: string, low: number, high: number, names: readonly string[], special: RegExp): boolean {
  return field === '?' || field.split(',').every((part) => special.test(part) || valuesOf(part, low, high, names));
}

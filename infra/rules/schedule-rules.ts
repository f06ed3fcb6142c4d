import { daysOf, MONTHS, WEEKDAYS } from './cron-days.ts';
import { valuesOf } from './cron-values.ts';

/** `schedule` and `duration` are the keys of Secrets Manager's RotationRules that the rule speaks of. */
export type ScheduleCheck =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly field: 'schedule' | 'duration'; readonly rule: string };

export const DEFAULT_SCHEDULE = 'rate(30 days)';

const HOURS_IN_A_DAY = 24;
const MOST_OFTEN = 4;
const LONGEST_DAYS = 999;

/**
 * Says at synth what Secrets Manager would say in the middle of a deployment.
 *
 * @param expression `rate(10 days)` or `cron(0 4 1 * ? *)`, in UTC.
 * @param duration Length of the rotation window: `3h`. Without it: an hour for schedules in hours, else the rest of the UTC day.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
export function checkSchedule(expression: string, duration?: string): ScheduleCheck {
  const rate = /^rate\((\d+) (hours?|days?)\)$/.exec(expression);
  if (rate) {
    return checkRate(Number(rate[1]), rate[2]?.startsWith('h') ? 'hours' : 'days', duration);
  }
  const cron = /^cron\((.*)\)$/.exec(expression);
  if (cron) {
    return checkCron((cron[1] ?? '').split(' '), duration);
  }
  return schedule('Write rate(N hours), rate(N days) or cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *), all in UTC.');
}

function checkRate(every: number, unit: 'hours' | 'days', duration: string | undefined): ScheduleCheck {
  const hours = unit === 'hours' ? every : every * HOURS_IN_A_DAY;
  if (hours < MOST_OFTEN || hours > LONGEST_DAYS * HOURS_IN_A_DAY) {
    return schedule(
      `Secrets Manager rotates at most every ${MOST_OFTEN} hours and at least every ${LONGEST_DAYS} days.`,
    );
  }
  return checkDuration(duration, Math.min(hours, HOURS_IN_A_DAY));
}

function checkCron(fields: readonly string[], duration: string | undefined): ScheduleCheck {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) {
    return schedule(
      `A cron expression has six fields, and this has ${fields.length}: cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *).`,
    );
  }
  if (minutes !== '0') {
    return schedule('The first field (minutes) must be 0: rotation windows open on the hour.');
  }
  if (year !== '*') {
    return schedule('The last field (year) must be *: rotations are never more than a year apart.');
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
    return schedule('Of day of month and day of week, one must be ? and the other say when.');
  }
  const days = daysOf({ dayOfMonth, month, dayOfWeek });
  if (!days.any) {
    return schedule(
      'No such day is in any of these months, or not in every year: Secrets Manager takes no schedule that is more than a year apart.',
    );
  }
  const gap = smallestGap(opening, days.inARow);
  if (gap < MOST_OFTEN) {
    return schedule(
      `Secrets Manager rotates at most every ${MOST_OFTEN} hours, and two of these hours are ${gap} apart.`,
    );
  }
  return checkDuration(duration, Math.min(gap, HOURS_IN_A_DAY - Math.max(...opening)));
}

function checkDuration(duration: string | undefined, longest: number): ScheduleCheck {
  if (duration === undefined) {
    return { kind: 'valid' };
  }
  const hours = /^([1-9]\d?)h$/.exec(duration);
  if (!hours) {
    return { kind: 'invalid', field: 'duration', rule: 'Write whole hours, 1h to 24h.' };
  }
  if (Number(hours[1]) > longest) {
    return {
      kind: 'invalid',
      field: 'duration',
      rule: `The window must not reach into the next one or into the next UTC day, which leaves ${longest}h at the most with this schedule.`,
    };
  }
  return { kind: 'valid' };
}

function schedule(rule: string): ScheduleCheck {
  return { kind: 'invalid', field: 'schedule', rule };
}

/** Hours between two openings; the night counts if the schedule can open on two days in a row. */
function smallestGap(opening: ReadonlySet<number>, daysInARow: boolean): number {
  const sorted = [...opening].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((hour, index) => hour - (sorted[index] ?? hour));
  const night = HOURS_IN_A_DAY + (sorted[0] ?? 0) - (sorted.at(-1) ?? 0);
  return Math.min(...gaps, daysInARow ? night : HOURS_IN_A_DAY);
}

function isDay(field: string, low: number, high: number, names: readonly string[], special: RegExp): boolean {
  return field === '?' || field.split(',').every((part) => special.test(part) || valuesOf(part, low, high, names));
}

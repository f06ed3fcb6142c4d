import type * as z from 'zod';
import { partOf } from '../../protocol/secret/pins.ts';
import { text } from './fields.ts';

export const DEFAULT_SCHEDULE = 'rate(30 days)';

/** The length of a rotation window: `3h`. */
export const WINDOW: z.ZodString = text(/^([1-9]|1\d|2[0-4])h$/, 'Write whole hours from 1h to 24h.');

/** `key` is the invalid key of Secrets Manager's RotationRules. `rule` says what is allowed. */
export interface ScheduleProblem {
  readonly key: 'schedule' | 'duration';
  readonly rule: string;
}

/** When the windows of a schedule open, in hours. */
interface Windows {
  /** The shortest time from one opening to the next. */
  readonly gap: number;
  readonly longest: number;
  /** The length of a window if the schedule names none. */
  readonly byDefault: number;
}

const DAY = 24;
const MIN_HOURS = 4;
const MAX_DAYS = 999;
const CRON = 'cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *)';

/**
 * Finds what Secrets Manager would refuse during the deployment, except the rare
 * ones: it checks no names of months or days, and compares two days only for `*` and ranges.
 *
 * @param expression `rate(10 days)` or `cron(0 4 1 * ? *)`, in UTC.
 * @param window Length of the rotation window: `3h`. Default: one hour for a schedule in hours,
 * else the rest of the UTC day.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 */
export function scheduleProblem(expression: string, window?: string): ScheduleProblem | undefined {
  const windows = windowsOf(expression);
  if (typeof windows === 'string') {
    return { key: 'schedule', rule: windows };
  }
  if (window === undefined) {
    return undefined;
  }
  const rule =
    WINDOW.safeParse(window).error?.issues[0]?.message ??
    (Number.parseInt(window, 10) > windows.longest
      ? `The window must end before the next window and before the next UTC day. With this schedule the maximum is ${windows.longest}h.`
      : undefined);
  return rule === undefined ? undefined : { key: 'duration', rule };
}

/**
 * The fewest hours between two rotations. Secrets Manager may rotate at any time in a window. So
 * one rotation can come at the end of its window, and the next at the start of its own.
 *
 * @returns undefined if the schedule is invalid.
 */
export function fewestHoursBetweenRotations(expression: string, window?: string): number | undefined {
  const windows = windowsOf(expression);
  return typeof windows === 'string'
    ? undefined
    : windows.gap - (window === undefined ? windows.byDefault : Number.parseInt(window, 10));
}

/**
 * Opens the window of a secret up to `hours - 1` hours later, so that the secrets of a fleet do
 * not rotate at the same time.
 *
 * @param expression A cron expression with one hour. Other expressions are returned unchanged.
 */
export function spread(expression: string, hours: number, name: string): string {
  return openedLater(expression, partOf(name, hours, 'hour')) ?? expression;
}

/** `undefined` if the expression is no cron expression with one hour. */
export function openedLater(expression: string, by: number): string | undefined {
  const [, before, hour, days] = /^(cron\(0 )(\d{1,2})( .*)$/.exec(expression) ?? [];
  return hour === undefined ? undefined : `${before}${Number(hour) + by}${days}`;
}

/** Or what is wrong, as a rule. */
function windowsOf(expression: string): Windows | string {
  const [, count, unit] = /^rate\((\d+) (hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined) {
    return windowsOfRate(Number(count), unit === 'day');
  }
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ');
  return fields ? windowsOfCron(fields) : `Write rate(N hours), rate(N days) or ${CRON}, in UTC.`;
}

function windowsOfRate(count: number, inDays: boolean): Windows | string {
  const gap = inDays ? count * DAY : count;
  return gap < MIN_HOURS || gap > MAX_DAYS * DAY
    ? `Write an interval from ${MIN_HOURS} hours to ${MAX_DAYS} days.`
    : { gap, longest: Math.min(gap, DAY), byDefault: inDays ? DAY : 1 };
}

function windowsOfCron(fields: readonly string[]): Windows | string {
  const [minutes, hours = '', dayOfMonth = '', , dayOfWeek = '', year] = fields;
  if (fields.length !== 6) {
    return `A cron expression has six fields: ${CRON}. This expression has ${fields.length}.`;
  }
  if (minutes !== '0') {
    return 'The first field (minutes) must be 0, because a rotation window starts on the hour.';
  }
  if (year !== '*') {
    return 'The last field (year) must be *, because two rotations are at most a year apart.';
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return 'Exactly one of the day of month and the day of week must be ?.';
  }
  const opening = hoursIn(hours);
  const [first, last] = [opening[0], opening.at(-1)];
  if (first === undefined || last === undefined) {
    return 'The second field (hours) takes 0 to 23 with , - * and /.';
  }
  const everyDay = [dayOfMonth, dayOfWeek].some((days) => /[*-]/.test(days) && !days.includes('/'));
  const night = DAY + first - last + (everyDay ? 0 : DAY);
  const gap = Math.min(night, ...opening.slice(1).map((hour, index) => hour - (opening[index] ?? 0)));
  return gap < MIN_HOURS
    ? `Secrets Manager rotates at most every ${MIN_HOURS} hours. Two of these hours are only ${gap} apart.`
    : { gap, longest: Math.min(gap, DAY - last), byDefault: opening.length > 1 ? 1 : DAY - last };
}

/** The hours that the field selects, in order. `/8` begins at 0. Empty if the field is invalid. */
function hoursIn(field: string): number[] {
  const hours = new Set<number>();
  for (const part of field.split(',')) {
    const [match, from, to, step] = /^(?:\*|(?=\/)|(\d\d?)(?:-(\d\d?))?)(?:\/([1-9]\d?))?$/.exec(part) ?? [];
    const low = Number(from ?? 0);
    const high = Number(to ?? (from === undefined || step !== undefined ? DAY - 1 : from));
    if (match === undefined || low > high || high >= DAY) {
      return [];
    }
    for (let hour = low; hour <= high; hour += Number(step ?? 1)) {
      hours.add(hour);
    }
  }
  return [...hours].sort((a, b) => a - b);
}

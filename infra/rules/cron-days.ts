import { valuesOf } from './cron-values.ts';

/** The three fields of a cron expression that select days. Each field is valid by itself. */
export interface DayFields {
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
}

export const MONTHS: readonly string[] = [
  'JAN',
  'FEB',
  'MAR',
  'APR',
  'MAY',
  'JUN',
  'JUL',
  'AUG',
  'SEP',
  'OCT',
  'NOV',
  'DEC',
];
export const WEEKDAYS: readonly string[] = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * A common year, a leap year and one more day: every date, every last day of a month and every
 * weekday in each month.
 */
const CALENDAR = Array.from({ length: 365 + 366 + 1 }, (_, index) => {
  const day = new Date(Date.UTC(2027, 0, 1 + index));
  const next = new Date(Date.UTC(2027, 0, 2 + index));
  return {
    date: day.getUTCDate(),
    month: day.getUTCMonth() + 1,
    weekday: day.getUTCDay() + 1,
    last: next.getUTCDate() === 1,
  };
});

/**
 * Whether the fields select a day in every year, and whether they can select two days in a row.
 * `MON#1` and `6L` count as every such weekday of the month, so `inARow` can be true for fields
 * that select no two days in a row. It is never false for fields that do.
 */
export function daysOf(fields: DayFields): { readonly any: boolean; readonly inARow: boolean } {
  const months = valuesOf(fields.month, 1, 12, MONTHS) ?? new Set();
  const { dates, last } = datesOf(fields.dayOfMonth);
  const weekdays = weekdaysOf(fields.dayOfWeek);
  const selected = CALENDAR.map(
    (day) => months.has(day.month) && weekdays.has(day.weekday) && (dates.has(day.date) || (last && day.last)),
  );
  return {
    any: selected.slice(0, 365).includes(true),
    inARow: selected.some((isSelected, index) => isSelected && selected[index + 1] === true),
  };
}

function datesOf(field: string): { dates: ReadonlySet<number>; last: boolean } {
  const parts = (field === '?' ? '*' : field).split(',');
  const plain = parts.filter((part) => part !== 'L').join(',');
  return { dates: valuesOf(plain, 1, 31, []) ?? new Set(), last: parts.includes('L') };
}

function weekdaysOf(field: string): ReadonlySet<number> {
  const plain = (field === '?' ? '*' : field)
    .split(',')
    // For AWS, L without a number is the last day of the week.
    .map((part) => (part === 'L' ? 'SAT' : part.replace(/(L|#\d)$/, '')));
  return valuesOf(plain.join(','), 1, 7, WEEKDAYS) ?? new Set();
}

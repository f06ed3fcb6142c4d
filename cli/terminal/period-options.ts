import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Period } from '../aws/aws.ts';
import { UsageError } from '../outcome/failure.ts';
import { DAY_MS, parseDuration } from './time.ts';

/** A time on the command line: a point in time, a day, or a duration before now. */
export interface TimeOption {
  readonly startOf: (now: number) => number;
  /** Milliseconds from the start to the end. A day is the only time with an end of its own. */
  readonly lengthMs: number;
}

export interface PeriodOptions {
  readonly since: TimeOption;
  readonly until?: TimeOption;
}

export function addPeriodOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--since <time>',
        'start of the period: a day (2026-01-31, in UTC), a time (2026-01-31T12:00Z), or a duration before now',
      )
        .argParser(parseTime)
        .default(parseTime('90d'), '90d'),
    )
    .option('--until <time>', 'end of the period; a day counts to its end (default: now)', parseTime);
}

/** @throws UsageError if the period ends before it begins */
export function periodOf({ since, until }: PeriodOptions, now: number): Period {
  const start = since.startOf(now);
  // A period that ends in the future ends now, because nothing later has happened.
  const end = until === undefined ? now : Math.min(now, until.startOf(now) + until.lengthMs);
  if (end <= start) {
    throw new UsageError('The period ends before it begins.', 'Correct --since or --until.');
  }
  return { since: start, until: end };
}

export function parseTime(text: string): TimeOption {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) {
    // Dates before 1970 are long before every rotation, and some are no dates.
    return { startOf: (now) => Math.max(0, now - milliseconds), lengthMs: 0 };
  }
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const at = isDay || isTime ? Date.parse(text) : Number.NaN;
  const day = text.slice(0, 10);
  // Date.parse accepts 2026-02-31 and means 2026-03-03.
  if (Number.isNaN(at) || !new Date(day).toISOString().startsWith(day)) {
    throw new InvalidArgumentError(
      'Expected a day such as 2026-01-31, a time such as 2026-01-31T12:00Z, or a duration such as 90d.',
    );
  }
  return { startOf: () => at, lengthMs: isDay ? DAY_MS - 1 : 0 };
}

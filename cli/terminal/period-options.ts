import { type Command, Option } from 'commander';
import { advise } from '../advice.ts';
import type { Period } from '../aws/aws.ts';
import { UsageError, ValueError } from '../usage-error.ts';
import { parseDuration } from './duration.ts';

/** A time on the command line: a point in time, a day, or a duration before now. */
type TimeOption =
  | { readonly kind: 'at'; readonly at: number }
  | { readonly kind: 'day'; readonly start: number }
  | { readonly kind: 'ago'; readonly milliseconds: number };

export interface PeriodOptions {
  readonly since: TimeOption;
  readonly until?: TimeOption;
}

const DAY_MS = 86_400_000;

/** Adds the options that {@link PeriodOptions} describes. */
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
  const start = startOf(since, now);
  const end = until === undefined ? now : endOf(until, now);
  if (end <= start) {
    throw new UsageError('The period ends before it begins.', advise`Correct --since or --until.`);
  }
  return { since: start, until: end };
}

function startOf(time: TimeOption, now: number): number {
  switch (time.kind) {
    case 'at':
      return time.at;
    case 'day':
      return time.start;
    case 'ago':
      return now - time.milliseconds;
  }
}

function endOf(time: TimeOption, now: number): number {
  // A period that ends in the future ends now, because nothing later has happened.
  return Math.min(now, time.kind === 'day' ? time.start + DAY_MS - 1 : startOf(time, now));
}

function parseTime(text: string): TimeOption {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) {
    return { kind: 'ago', milliseconds };
  }
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const at = isDay || isTime ? Date.parse(text) : Number.NaN;
  // Date.parse accepts 2026-02-31 and means 2026-03-03.
  if (Number.isNaN(at) || (isDay && !new Date(at).toISOString().startsWith(text))) {
    throw new ValueError(
      advise`Expected a day such as 2026-01-31, a time such as 2026-01-31T12:00Z, or a duration such as 90d.`,
    );
  }
  return isDay ? { kind: 'day', start: at } : { kind: 'at', at };
}

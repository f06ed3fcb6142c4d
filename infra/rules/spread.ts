import { createHash } from 'node:crypto';

/** The same secret always falls into the same of `parts`, whatever else is in the file. The purpose keeps two such choices independent. */
export function partOf(name: string, parts: number, purpose: 'hour' | 'stack'): number {
  return createHash('sha256').update(`${purpose}:${name}`).digest().readUInt32BE() % parts;
}

/**
 * Opens the window of a secret up to `hours - 1` hours later, so that a fleet with one schedule does not come all at once.
 *
 * @param expression A cron expression with one number for its hour; others are returned as they are.
 */
export function spread(expression: string, hours: number, name: string): string {
  return openedLater(expression, partOf(name, hours, 'hour'));
}

export function openedLater(expression: string, by: number): string {
  return expression.replace(SINGLE_HOUR, (_, before: string, hour: string) => `${before}${Number(hour) + by}`);
}

export function canBeSpread(expression: string): boolean {
  return SINGLE_HOUR.test(expression);
}

const SINGLE_HOUR = /^(cron\(0 )(\d{1,2})(?= )/;

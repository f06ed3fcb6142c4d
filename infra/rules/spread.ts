import { partOf } from '../../protocol/secret/pins.ts';

/**
 * Opens the window of a secret up to `hours - 1` hours later, so that the secrets of a fleet do
 * not rotate at the same time.
 *
 * @param expression A cron expression with one hour. Other expressions are returned unchanged.
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

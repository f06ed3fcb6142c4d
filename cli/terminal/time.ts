export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS } as const;

/**
 * Reads a duration such as `90s`, `5m`, `1h30m` or `30d`.
 *
 * @returns milliseconds. `undefined` if the text is not a duration. A number needs a unit.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return total;
}

/** `120 ms`, `3.1 s`, `5 min 2 s`, `3 h 20 min` or `30 days`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) {
    return `${Math.round(milliseconds)} ms`;
  }
  if (milliseconds < 60_000) {
    return `${(milliseconds / 1000).toFixed(1).replace('.0', '')} s`;
  }
  if (milliseconds < UNITS.h) {
    return inTwoUnits(Math.round(milliseconds / UNITS.s), 60, ['min', 's']);
  }
  return milliseconds < 2 * UNITS.d
    ? inTwoUnits(Math.round(milliseconds / UNITS.m), 60, ['h', 'min'])
    : inTwoUnits(Math.round(milliseconds / UNITS.h), 24, ['days', 'h']);
}

function inTwoUnits(amount: number, perLarger: number, [larger, smaller]: readonly [string, string]): string {
  const rest = amount % perLarger;
  const whole = `${Math.floor(amount / perLarger)} ${larger}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smaller}`;
}

/** To the second: `2026-03-01 12:00:00 UTC`. */
export function date(milliseconds: number | Date): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** For a document of `--json`. */
export function toDate(milliseconds: number | undefined): Date | null {
  return milliseconds === undefined ? null : new Date(milliseconds);
}

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** @returns `undefined` for an unknown date */
export function day(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : iso(milliseconds).slice(0, 10);
}

const DAY_MS = 86_400_000;

/** `2026-03-01 12:00` in UTC. */
export function dateTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

export function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? singular : plural}`;
}

/** `12 days`, or `5 h` below two days. */
export function age(milliseconds: number): string {
  return milliseconds < 2 * DAY_MS
    ? `${Math.floor(milliseconds / 3_600_000)} h`
    : count(Math.floor(milliseconds / DAY_MS), 'day');
}

export function duration(milliseconds: number): string {
  if (milliseconds < 60_000) {
    return `${(milliseconds / 1000).toFixed(1)} s`;
  }
  return milliseconds < 3_600_000 ? `${Math.round(milliseconds / 60_000)} min` : age(milliseconds);
}

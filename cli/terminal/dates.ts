/** To the minute. */
export function date(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function dateWithSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function iso(milliseconds: number): string;
export function iso(milliseconds: number | undefined): string | null;
export function iso(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

/** @returns `undefined` for an unknown date */
export function day(milliseconds: number | undefined): string | undefined {
  return iso(milliseconds)?.slice(0, 10);
}

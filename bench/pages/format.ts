import type { Spread } from '../performance/results.ts';

/** `1,234 ms`, and one decimal below 10 ms. */
export function milliseconds(value: number): string {
  return `${value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 })} ms`;
}

/** `2.23 MB` of a million bytes each, and no decimals from 10 MB. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
}

/** The median and the range of the samples: `812 ms (790–901)`. */
export function spread({ median, least, most }: Spread, unit: (value: number) => string): string {
  const number = (value: number): string => unit(value).replace(/ .*/, '');
  return `${unit(median)} (${number(least)}–${number(most)})`;
}

/** The count, or the least and the most if the samples differ. */
export function count({ least, most }: Spread): string {
  return least === most ? String(least) : `${least}–${most}`;
}

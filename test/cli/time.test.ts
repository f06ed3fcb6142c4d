import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../cli/terminal/time.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
    ['30d', 2_592_000_000],
  ])('%s is %i milliseconds', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '5', '5 m', '-5m', '5w', 'm', '1.5m', '5m '])('%j is not a duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [3120, '3.1 s'],
    [60_000, '1 min'],
    [302_000, '5 min 2 s'],
    [12_000_000, '3 h 20 min'],
    [2_592_000_000, '30 days'],
    [180_000_000, '2 days 2 h'],
  ])('%i milliseconds are printed as %s', (milliseconds, expected) => {
    expect(formatDuration(milliseconds)).toBe(expected);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { integerPattern } from '../../../build/release/integer-pattern.ts';

const accepts = (low: number, high: number, value: number): boolean =>
  new RegExp(`^(${integerPattern(low, high)})$`).test(String(value));

it('matches the integers in a range, and no others', () => {
  const integer = fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 1_000_000 }));
  fc.assert(
    fc.property(integer, integer, integer, (a, b, other) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      for (const value of [low - 1, low, low + 1, high - 1, high, high + 1, other, 10 * high, low + 0.5]) {
        const isInRange = Number.isInteger(value) && value >= low && value <= high;
        expect([low, high, value, accepts(low, high, value)]).toEqual([low, high, value, isInRange]);
      }
    }),
    { numRuns: 200 },
  );
});

it.each([
  [8, 64, '[89]|[1-5][0-9]|6[0-4]'],
  [0, 60_000, '[0-9]{1,4}|[1-5][0-9]{4}|60000'],
  [1, 1000, '[1-9][0-9]{0,2}|1000'],
])('is short enough to read: %i to %i', (low, high, pattern) => {
  expect(integerPattern(low, high)).toBe(pattern);
});

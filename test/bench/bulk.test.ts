import { expect, test } from 'vitest';
import { measurePace } from '../../bench/bulk/measure.ts';
import { createQuota, mostInASecond } from '../../bench/bulk/quota.ts';

test('a quota holds the calls of one second and refills evenly', () => {
  let now = 0;
  const { take } = createQuota(10, () => now);
  expect(Array.from({ length: 6 }, () => take(2))).toEqual([true, true, true, true, true, false]);

  now = 199;
  expect(take(2)).toBe(false);
  now = 200;
  expect(take(2)).toBe(true);

  now = 60_000;
  expect(Array.from({ length: 6 }, () => take(2))).toEqual([true, true, true, true, true, false]);
});

test('the most calls in any second are counted across full seconds', () => {
  expect(mostInASecond([0, 900, 950, 1100, 1899, 1900, 3000])).toBe(4);
  expect(mostInASecond([])).toBe(0);
});

test('the command rotates every secret against the stand-in, without a throttled call', async () => {
  const [first, second] = await measurePace(5);

  expect(first).toMatchObject({ exitCode: 0, rotated: 5, throttled: 0, writesOfRotation: 2, loginsOfRotation: 4 });
  expect(second).toMatchObject({ exitCode: 0, rotated: 5, throttled: 0, writesOfRotation: 3, loginsOfRotation: 4 });
  expect(first?.callsOfRotation['RotateSecret']).toBe(1);
});

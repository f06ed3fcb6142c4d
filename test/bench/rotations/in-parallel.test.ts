import { expect, test } from 'vitest';
import { inParallel } from '../../../bench/rotations/in-parallel.ts';

test('inParallel keeps the order and the limit', async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([3, 1, 2, 5, 4], 2, async (item, index) => {
    running++;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return `${index}:${item}`;
  });
  expect(results).toEqual(['0:3', '1:1', '2:2', '3:5', '4:4']);
  expect(most).toBe(2);
});

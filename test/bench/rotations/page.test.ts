import { expect, test } from 'vitest';
import { inParallel } from '../../../bench/rotations/in-parallel.ts';
import type { FleetMeasurement } from '../../../bench/rotations/measure.ts';
import { rotationsBlocks } from '../../../bench/rotations/page.ts';

const MEASUREMENT: FleetMeasurement = {
  date: '2026-01-31',
  processors: 2,
  settings: { secrets: 1000, spreadHours: 23, concurrency: 8 },
  setupSeconds: 61.26,
  use: {
    seconds: 500,
    succeeded: 1000,
    failed: 0,
    throttledAttempts: 1234,
    otherFailedAttempts: 1,
    invocations: 4004,
    functionSeconds: 480.4,
    functionCpuSeconds: 250,
    emulatorCpuSeconds: 100,
    milvusCpuSeconds: 50,
    peakMemoryMb: 88.4,
    workers: 8,
    awsCalls: { 'secretsmanager.GetSecretValue': 5000, 'secretsmanager.PutSecretValue': 1000 },
  },
  logins: 1000,
  loginsWithOldPassword: 0,
};

test('the table has totals, values per rotation, and shares of the processors', () => {
  expect(rotationsBlocks(MEASUREMENT)['rotations']?.split('\n')).toEqual(
    expect.arrayContaining([
      '| secrets, each with its own user | 1,000 |',
      '| time to create users, secrets and schedules | 61.3 s |',
      '| rotations a minute | 120 |',
      '| function-seconds | 480 s, 0.48 a rotation |',
      '| calls of Secrets Manager | 6,000 calls, 6 a rotation |',
      '| attempts throttled by Lambda | 1,234 |',
      '| share of the processors: function, emulator, Milvus | 25 %, 10 %, 5 % |',
    ]),
  );
});

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

import { expect, test } from 'vitest';
import { measureFleet } from '../../../bench/rotations/measure.ts';

/**
 * The short form of `npm run bench:rotations`. It has a cloud of its own, because its clock
 * advances by weeks.
 */
test('a fleet of 8 secrets rotates by schedule', { timeout: 600_000 }, async () => {
  const settings = { secrets: 8, concurrency: 8, spreadHours: 23 };
  const lines: string[] = [];
  const { use, ...measured } = await measureFleet(settings, (line) => lines.push(line));
  expect(measured).toMatchObject({ settings, logins: 8, loginsWithOldPassword: 0 });
  expect(use).toMatchObject({ succeeded: 8, failed: 0, throttledAttempts: 0 });
  // Four steps a rotation. On a busy machine, an attempt can fail and be repeated.
  expect(use.invocations).toBeGreaterThanOrEqual(32);
  expect(use.awsCalls['secretsmanager.PutSecretValue']).toBeGreaterThanOrEqual(8);
  expect(use.awsCalls['secretsmanager.RotateSecret']).toBeUndefined();
  expect(use.functionSeconds).toBeGreaterThan(use.functionCpuSeconds / 2);
  expect(use.peakMemoryMb).toBeGreaterThan(40);
  expect(lines.at(0)).toBe('Creating 8 users, secrets and schedules');
  expect(lines).toContain('Rotated 8 of 8');
});

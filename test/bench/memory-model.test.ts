import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PRICES_AS_OF } from '../../bench/cost/prices.ts';
import { readResults } from '../../bench/documents.ts';
import type { MemoryMeasurement } from '../../bench/memory/measure.ts';
import { fits, memoryTable, pressureTable } from '../../bench/memory/page.ts';
import { billedSeconds, cpuShare } from '../../bench/memory/share.ts';
import { DEFAULT_MEMORY_MB } from '../../infra/rules/function-settings.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const MEASURED: MemoryMeasurement = {
  date: '2026-01-31',
  processors: 2,
  rounds: 1,
  unlimited: {
    cold: { seconds: 0.9, cpuSeconds: 0.5 },
    warm: { seconds: 0.4, cpuSeconds: 0.1 },
    peakMemoryMb: 100,
    coldCalls: { 'secretsmanager.GetSecretValue': 4, 'secretsmanager.PutSecretValue': 1 },
    warmCalls: { 'secretsmanager.GetSecretValue': 3 },
  },
  logBytes: 4000,
  sizes: [
    { memoryMb: 128, coldSeconds: undefined, warmSeconds: 2 },
    { memoryMb: 256, coldSeconds: 4.2, warmSeconds: 1 },
  ],
  longLived: { memoryMb: 128, rotations: 41, failed: 0, peakMemoryMb: 90 },
  underPressure: [
    { memoryMb: 40, failedStep: 'createSecret', logsInAfterFailure: true, recovers: true },
    { memoryMb: 104, failedStep: undefined, logsInAfterFailure: true, recovers: true },
  ],
};

test('the CPU share follows the memory up to one vCPU', () => {
  expect(cpuShare(1769)).toBe(1);
  expect(cpuShare(10_240)).toBe(1);
  expect(cpuShare(128)).toBeCloseTo(0.0724, 4);
});

test('with less CPU, the CPU time takes longer and the waiting does not', () => {
  expect(billedSeconds({ seconds: 0.9, cpuSeconds: 0.5 }, 1769)).toBeCloseTo(0.9, 9);
  expect(billedSeconds({ seconds: 0.9, cpuSeconds: 0.5 }, 1769 / 2)).toBeCloseTo(1.4, 9);
  // With several threads, the CPU time can be longer than the time on the clock.
  expect(billedSeconds({ seconds: 0.4, cpuSeconds: 0.5 }, 1769)).toBe(0.5);
});

test('a size fits if the peak and the reserve of 25 MB are within it', () => {
  expect(fits(125, MEASURED)).toBe(true);
  expect(fits(124, MEASURED)).toBe(false);
});

test('the tables name a failed rotation, and a size that was not measured', () => {
  const rows = memoryTable(MEASURED).split('\n');
  expect(rows[2]).toMatch(/^\| 128 MB \| 0\.0724 \| 7\.31 s \| fails \| 1\.68 s \| 2 s \| .* \| yes \|$/);
  expect(rows[3]).toMatch(/^\| 192 MB \| .* s \| not measured \|/);
  expect(pressureTable(MEASURED)).toContain('| 40 MB | fails in createSecret | yes | yes |');
  expect(pressureTable(MEASURED)).toContain('| 104 MB | succeeds | yes | yes |');
});

test('docs/cost.md says when the prices were compared', () => {
  expect(read('docs/cost.md')).toContain(`as of ${PRICES_AS_OF}`);
});

test('the last measurement: every rotation that was killed for lack of memory recovered', () => {
  expect(readResults('memory').underPressure.filter(({ recovers }) => !recovers)).toEqual([]);
});

test('the comment of memorySize repeats the default', () => {
  expect(read('infra/rules/function-settings.ts')).toContain(
    `   * @default ${DEFAULT_MEMORY_MB}\n   */\n  readonly memorySize?`,
  );
});

import { readFileSync, writeFileSync } from 'node:fs';
import { digits, table, withBlock } from '../pages/generated-block.ts';
import type { FleetMeasurement } from './measure.ts';

export const RESULTS: URL = new URL('../results/rotations.json', import.meta.url);
const PAGE = new URL('../../docs/fleets.md', import.meta.url);

/** Writes the table of docs/fleets.md from bench/results/rotations.json. */
export function writePage(): void {
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), JSON.parse(readFileSync(RESULTS, 'utf8'))));
}

/** The page with a new table. The other text is unchanged. */
export function withTable(page: string, measurement: FleetMeasurement): string {
  return withBlock(page, 'rotations', tableOf(measurement));
}

export function tableOf({ date, processors, settings, setupSeconds, use, ...logins }: FleetMeasurement): string {
  const calls = Object.values(use.awsCalls).reduce((sum, count) => sum + count, 0);
  const each = (total: number, unit: string): string =>
    `${digits(total)} ${unit}, ${digits(total / settings.secrets)} a rotation`;
  const share = (cpuSeconds: number): string => `${Math.round((100 * cpuSeconds) / (use.seconds * processors))} %`;
  const rows = {
    'secrets, each with its own user': digits(settings.secrets),
    'date, processors of the machine': `${date}, ${processors}`,
    'hours over which the windows spread': digits(settings.spreadHours),
    'invocations that the emulator runs at once': digits(settings.concurrency),
    'time to create users, secrets and schedules': `${digits(setupSeconds)} s`,
    'time of all rotations': `${digits(use.seconds)} s`,
    'rotations a minute': digits((60 * use.succeeded) / use.seconds),
    'rotations that succeeded, failed': `${digits(use.succeeded)}, ${digits(use.failed)}`,
    'secrets whose new password logs in, whose old password still logs in': `${digits(logins.logins)}, ${digits(logins.loginsWithOldPassword)}`,
    'function-seconds': each(use.functionSeconds, 's'),
    'CPU of the function': each(use.functionCpuSeconds, 's'),
    invocations: each(use.invocations, 'invocations'),
    'calls of Secrets Manager': each(calls, 'calls'),
    'attempts throttled by Lambda': digits(use.throttledAttempts),
    'attempts failed for another reason': digits(use.otherFailedAttempts),
    'workers, peak memory of the largest': `${digits(use.workers)}, ${digits(use.peakMemoryMb)} MB`,
    'share of the processors: function, emulator, Milvus': [
      use.functionCpuSeconds,
      use.emulatorCpuSeconds,
      use.milvusCpuSeconds,
    ]
      .map(share)
      .join(', '),
  };
  return table(['measured', 'value'], Object.entries(rows));
}

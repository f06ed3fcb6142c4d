import { type Blocks, digits, table } from '../pages/generated-block.ts';
import type { FleetMeasurement } from './measure.ts';

/** The table in docs/fleets.md. */
export function rotationsBlocks(measurement: FleetMeasurement): Blocks {
  const { date, processors, settings, setupSeconds, use, ...logins } = measurement;
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
  return { rotations: table(['measured', 'value'], Object.entries(rows)) };
}

import { type Blocks, digits, table } from '../pages/generated-block.ts';
import type { BulkMeasurement, Machine, PaceMeasurement } from './measure.ts';

/** The tables in docs/fleets.md. */
export function bulkBlocks({ pace, cloud }: BulkMeasurement): Blocks {
  const row = (name: string, value: (run: PaceMeasurement) => string): string[] => [name, ...pace.runs.map(value)];
  const paces = table(
    ['against the stand-in', ...pace.runs.map(({ writesOfRotation }) => `${writesOfRotation} writes a rotation`)],
    [
      row('secrets, rotated', ({ secrets, rotated }) => `${digits(secrets)}, ${digits(rotated)}`),
      row('starts a second', ({ startsPerSecond }) => digits(startsPerSecond)),
      row('share of the quota', (run) => `${Math.round((100 * run.startsPerSecond) / run.quotaPerSecond)} %`),
      row('throttled RotateSecret', ({ throttled }) => digits(throttled)),
      row('most writes in any second (quota 50)', ({ mostWritesInASecond }) => digits(mostWritesInASecond)),
      row('time of the command', ({ seconds }) => `${digits(seconds)} s`),
      row('CPU of the command', (run) => `${digits(1000 * run.cpuSecondsOfRotation)} ms a rotation`),
      row('DescribeSecret a rotation', ({ callsOfRotation }) => digits(callsOfRotation['DescribeSecret'] ?? 0)),
      row('FilterLogEvents of all rotations', ({ callsOfRotation, secrets }) =>
        digits((callsOfRotation['FilterLogEvents'] ?? 0) * secrets),
      ),
      row('logins a rotation', ({ loginsOfRotation }) => digits(loginsOfRotation)),
    ],
  );
  const inCloud = table(
    ['in the local cloud', 'value'],
    [
      ['secrets', digits(cloud.secrets)],
      ['starts a second', digits(cloud.startsPerSecond)],
      ['share of the quota of 25', `${Math.round((100 * cloud.startsPerSecond) / cloud.quotaPerSecond)} %`],
      ['throttled calls of the command and of the function', digits(cloud.throttled)],
      ['time until every rotation had started', `${digits(cloud.seconds)} s`],
      [
        'secrets whose new password logs in, whose old password still logs in',
        `${digits(cloud.logins)}, ${digits(cloud.loginsWithOldPassword)}`,
      ],
    ],
  );
  return { bulk: [measuredOn(pace), paces, measuredOn(cloud), inCloud].join('\n\n') };
}

function measuredOn({ date, processors, load }: Machine): string {
  return `Measured on ${date} with ${processors} processors, of which other work wanted ${digits(load)}.`;
}

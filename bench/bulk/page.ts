import { readFileSync, writeFileSync } from 'node:fs';
import { digits, table, withBlock } from '../pages/generated-block.ts';
import type { BulkMeasurement, PaceMeasurement } from './measure.ts';

export const RESULTS: URL = new URL('../results/bulk.json', import.meta.url);
const PAGE = new URL('../../docs/fleets.md', import.meta.url);

/** Writes the tables of docs/fleets.md from bench/results/bulk.json. */
export function writePage(): void {
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), JSON.parse(readFileSync(RESULTS, 'utf8'))));
}

/** The page with new tables. The other text is unchanged. */
export function withTables(page: string, measurement: BulkMeasurement): string {
  return withBlock(page, 'bulk', tablesOf(measurement));
}

export function tablesOf({ date, processors, load, pace, cloud }: BulkMeasurement): string {
  const row = (name: string, value: (run: PaceMeasurement) => string): string[] => [name, ...pace.map(value)];
  const paces = table(
    ['against the stand-in', ...pace.map(({ writesOfRotation }) => `${writesOfRotation} writes a rotation`)],
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
      ['secrets, rotated', `${digits(cloud.secrets)}, ${digits(cloud.rotated)}`],
      ['time of the command', `${digits(cloud.seconds)} s`],
      ['rotations a second', digits(cloud.rotated / cloud.seconds)],
      [
        'secrets whose new password logs in, whose old password still logs in',
        `${digits(cloud.logins)}, ${digits(cloud.loginsWithOldPassword)}`,
      ],
    ],
  );
  return `Measured on ${date} with ${processors} processors, of which other work wanted ${digits(load)}.\n\n${paces}\n\n${inCloud}`;
}

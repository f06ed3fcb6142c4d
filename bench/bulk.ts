/**
 * Measures how fast `zilliz-rotation rotate` starts the rotations of a fleet. Writes
 * bench/results/bulk.json and its two tables in docs/fleets.md.
 *
 * npm run bench:bulk        1,000 secrets in each of the two parts, writes the results
 * npm run bench:bulk -- --secrets 100 --cloud-secrets 8
 *                           a short run, writes nothing without --write
 *
 * The exit code is 1 if the pace is below 90 % of AWS's quota, if a call was throttled, or if a
 * secret did not rotate.
 */
import { parseArgs } from 'node:util';
import { type BulkMeasurement, machine, measurePace } from './bulk/measure.ts';
import { measureCloud } from './bulk/measure-cloud.ts';
import { bulkBlocks } from './bulk/page.ts';
import { storeResults } from './documents.ts';

const FULL = '1000';

const { values } = parseArgs({
  options: {
    secrets: { type: 'string', default: FULL },
    'cloud-secrets': { type: 'string', default: FULL },
    write: { type: 'boolean', default: false },
  },
});
const measurement: BulkMeasurement = {
  pace: { ...machine(), runs: await measurePace(Number(values.secrets)) },
  cloud: { ...machine(), ...(await measureCloud(Number(values['cloud-secrets']))) },
};
console.log(bulkBlocks(measurement)['bulk']);
if (values.write || (values.secrets === FULL && values['cloud-secrets'] === FULL)) {
  storeResults('bulk', measurement);
}
const { pace, cloud } = measurement;
const isAtPace = [...pace.runs, cloud].every(
  (run) => run.throttled === 0 && run.startsPerSecond >= 0.9 * run.quotaPerSecond,
);
const allRotated =
  pace.runs.every(({ secrets, rotated }) => rotated === secrets) &&
  cloud.logins === cloud.secrets &&
  cloud.loginsWithOldPassword === 0;
process.exitCode = isAtPace && allRotated ? 0 : 1;

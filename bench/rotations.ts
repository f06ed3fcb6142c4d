/**
 * Rotates a fleet of secrets by schedule in the local cloud: the real Milvus, the AWS emulator,
 * the deployed stack and its function.
 *
 * npm run bench:rotations                       1,000 secrets, writes the results and the table
 * npm run bench:rotations -- --secrets 50       a short run, writes nothing without --write
 * npm run bench:rotations -- --concurrency 4    invocations that the emulator runs at once
 *
 * The exit code is 1 if a rotation failed, or if a password in a secret does not log in.
 */
import { parseArgs } from 'node:util';
import { storeResults } from './documents.ts';
import { measureFleet } from './rotations/measure.ts';
import { rotationsBlocks } from './rotations/page.ts';

const FULL = 1000;

const { values } = parseArgs({
  options: {
    secrets: { type: 'string', default: String(FULL) },
    concurrency: { type: 'string', default: '8' },
    write: { type: 'boolean', default: false },
  },
});
const settings = { secrets: Number(values.secrets), concurrency: Number(values.concurrency), spreadHours: 23 };
if (!(Number.isInteger(settings.secrets) && Number.isInteger(settings.concurrency) && settings.secrets > 0)) {
  throw new Error('--secrets and --concurrency take whole numbers from 1.');
}

let shown = '';
const measurement = await measureFleet(settings, (line) => {
  if (line !== shown) {
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    shown = line;
  }
});
process.stderr.write('\n');
console.log(rotationsBlocks(measurement)['rotations']);
if (values.write || settings.secrets === FULL) {
  storeResults('rotations', measurement);
}
const { use, logins, loginsWithOldPassword } = measurement;
process.exitCode = use.failed === 0 && logins === settings.secrets && loginsWithOldPassword === 0 ? 0 : 1;

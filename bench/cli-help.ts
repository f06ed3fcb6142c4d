/**
 * npm run bench:help: the CPU time of a cold `zilliz-rotation --help`, compiled as in its package,
 * beside that of Node alone. Writes the results and a table of docs/performance.md.
 *
 * The exit code is 1 if the target is missed.
 */
import { measureHelp } from './cli-help/measure.ts';
import { storeResults } from './documents.ts';
import { HELP_TARGET_MS } from './performance/targets.ts';

const measured = measureHelp();
storeResults('cli-help', measured);
process.stdout.write(`${JSON.stringify(measured, undefined, 2)}\n`);
process.exitCode = measured.helpMs.median < HELP_TARGET_MS ? 0 : 1;

/**
 * npm run bench:help: the CPU time of a cold `zilliz-rotation --help`, compiled as in its package,
 * beside that of Node alone. Writes the results and docs/performance.md. Takes some seconds.
 *
 * The exit code is 1 if the target is missed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { measureHelp } from './cli-help/measure.ts';
import { HELP_RESULTS, HELP_TARGET_MS } from './cli-help/results.ts';
import type { Results } from './performance/results.ts';
import { RESULTS, writeDocuments } from './performance/written-files.ts';

const measured = measureHelp();
writeFileSync(HELP_RESULTS, `${JSON.stringify(measured, undefined, 2)}\n`);
writeDocuments(JSON.parse(readFileSync(RESULTS, 'utf8')) as Results, measured);
process.stdout.write(`${JSON.stringify(measured, undefined, 2)}\n`);
process.exitCode = measured.helpMs.median < HELP_TARGET_MS ? 0 : 1;

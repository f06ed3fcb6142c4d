/**
 * Measures rotations with the CPU and the memory that Lambda gives a function of each memory size,
 * on real servers. Writes bench/results/memory.json and the tables of docs/cost.md.
 *
 * npm run bench:memory [-- --rounds NUMBER]   default: 5 rounds
 *
 * The limits need control groups of version 1, which usually only root may create. Without the
 * limits, the page has the times of the model only. The exit code is 1 if a rotation that was
 * killed for lack of memory did not recover.
 */
import { parseArgs } from 'node:util';
import { storeResults } from './documents.ts';
import { measureMemory } from './memory/measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const measurement = await measureMemory(Number(values.rounds), (line) => console.error(line));
storeResults('memory', measurement);
console.log(JSON.stringify(measurement, null, 2));
process.exitCode = measurement.underPressure.every(({ recovers }) => recovers) ? 0 : 1;

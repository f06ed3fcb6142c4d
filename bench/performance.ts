/**
 * Measures rotations of this function and of other functions, on a real Milvus and the AWS
 * emulator. Writes bench/results/performance.json, and the tables and plots of
 * docs/performance.md.
 *
 * npm run bench [-- --rounds NUMBER]   default: 9 rounds, fewer if ten minutes would not suffice
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { storeResults } from './documents.ts';
import { type Bench, createBench } from './performance/measurement.ts';
import { figuresOf } from './performance/results.ts';
import { createIdleFunction } from './performance/rotated-secret.ts';
import type { Sample } from './performance/sample.ts';
import { type BuiltSubject, SUBJECTS, type Subject } from './performance/subjects.ts';

const WARM_ROTATIONS = 3;
/** No round starts that would probably end later. */
const LIMIT_MS = 9 * 60_000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const startedAt = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const cloud = await startLocalCloud({ stateDir: join(LOCAL, `bench-${process.pid}`) });
try {
  const idleFunction = await createIdleFunction(cloud);
  const measured: Measured[] = [];
  for (const subject of SUBJECTS) {
    progress(`Building ${subject.title}\n`);
    const target = join(folder, subject.id);
    mkdirSync(target);
    const built = await subject.build(target);
    measured.push({ subject, built, bench: await createBench(cloud, subject, built, idleFunction), samples: [] });
  }
  const completed = await runRounds(measured, Number(values.rounds));
  writeResults(measured, completed, Math.round((performance.now() - startedAt) / 1000));
  for (const { bench } of measured) {
    bench.close();
  }
} finally {
  await cloud.stop();
  rmSync(folder, { recursive: true });
}

interface Measured {
  readonly subject: Subject;
  readonly built: BuiltSubject;
  readonly bench: Bench;
  readonly samples: Sample[];
}

/** @returns the number of completed rounds. */
async function runRounds(measured: readonly Measured[], rounds: number): Promise<number> {
  for (let round = 0, longest = 0; round <= rounds; round++) {
    const start = performance.now();
    if (round > 1 && start + longest > LIMIT_MS) {
      progress(`Another round would take too long. ${rounds - round + 1} rounds are left out.\n`);
      return round - 1;
    }
    progress(round === 0 ? 'Warming the servers: ' : `Round ${round} of ${rounds}: `);
    const shift = round % measured.length;
    for (const { subject, bench, samples } of [...measured.slice(shift), ...measured.slice(0, shift)]) {
      progress(`${subject.id} `);
      const sample = await bench.sample(round === 0 ? 1 : WARM_ROTATIONS);
      if (round > 0) {
        samples.push(sample);
      }
    }
    longest = Math.max(longest, performance.now() - start);
    progress(`(${((performance.now() - start) / 1000).toFixed(0)} s)\n`);
  }
  return rounds;
}

function writeResults(measured: readonly Measured[], rounds: number, seconds: number): void {
  storeResults('performance', {
    date: new Date().toISOString().slice(0, 10),
    seconds,
    rounds,
    warmRotations: WARM_ROTATIONS,
    node: process.versions.node,
    cores: availableParallelism(),
    subjects: measured.map(({ subject: { id, title }, built: { bytes, packages }, samples }) =>
      figuresOf({ id, title, bytes, ...(packages === undefined ? {} : { packages }) }, samples),
    ),
  });
  progress('Wrote bench/results/performance.json and docs/performance.md.\n');
}

function progress(text: string): void {
  process.stderr.write(text);
}

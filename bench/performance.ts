/**
 * Measures rotations of this function and of other functions, on a real Milvus and the AWS
 * emulator. Prints the tables of docs/performance.md. A full run that meets the targets also writes
 * them into the page.
 *
 * npm run bench                 about half a minute
 * npm run bench -- --rounds 1   a trial, writes nothing
 *
 * The exit code is 1 if a target is missed.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBlocks } from '../build/pages.ts';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { type Bench, createBench, createIdleFunction } from './performance/measurement.ts';
import { judge, performanceBlocks } from './performance/page.ts';
import { figuresOf, type Sample, type SubjectFigures } from './performance/results.ts';
import { type MeasuredFunction, SUBJECTS } from './performance/subjects.ts';

const FULL = 9;
const WARM_ROTATIONS = 3;

interface Measured {
  readonly subject: MeasuredFunction;
  readonly file: string;
  readonly bench: Bench;
  readonly samples: Sample[];
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: String(FULL) } } });
const rounds = Number(values.rounds);
const subjects = await measure();
const blocks = performanceBlocks(
  `Run of ${new Date().toISOString().slice(0, 10)}: ` +
    `${rounds} rounds on Node ${process.versions.node} and ${availableParallelism()} cores. ` +
    `Each process made ${WARM_ROTATIONS} warm rotations.`,
  subjects,
);
console.log(Object.values(blocks).join('\n\n'));
const meetsTargets = judge(subjects).every(({ isMet }) => isMet);
if (rounds === FULL && meetsTargets) {
  writeBlocks('docs/performance.md', blocks);
}
process.exitCode = meetsTargets ? 0 : 1;

async function measure(): Promise<SubjectFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const cloud = await startLocalCloud(join(LOCAL, `bench-${process.pid}`));
  try {
    const idleFunction = await createIdleFunction(cloud);
    const measured: Measured[] = [];
    for (const subject of SUBJECTS) {
      const target = join(folder, subject.id);
      mkdirSync(target);
      const file = await subject.build(target);
      measured.push({ subject, file, bench: await createBench(cloud, subject, file, idleFunction), samples: [] });
    }
    await runRounds(measured);
    return measured.map(({ subject: { id, title }, file, bench, samples }) => {
      bench.close();
      return figuresOf({ id, title, bytes: statSync(file).size }, samples);
    });
  } finally {
    await cloud.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Takes one sample of each subject in each round. The first round warms the servers. */
async function runRounds(measured: readonly Measured[]): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(round === 0 ? 'Warming the servers\n' : `Round ${round} of ${rounds}\n`);
    const shift = round % measured.length;
    for (const { bench, samples } of [...measured.slice(shift), ...measured.slice(0, shift)]) {
      const sample = await bench.sample(round === 0 ? 1 : WARM_ROTATIONS);
      if (round > 0) {
        samples.push(sample);
      }
    }
  }
}

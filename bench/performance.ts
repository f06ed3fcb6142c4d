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
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBlocks } from '../build/pages.ts';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { createBench } from './performance/measurement.ts';
import { judge, performanceBlocks } from './performance/page.ts';
import { figuresOf, type Sample, type SubjectFigures } from './performance/results.ts';
import { SUBJECTS, type SubjectId } from './performance/subjects.ts';

const FULL = 9;
const WARM_ROTATIONS = 3;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: String(FULL) } } });
const rounds = Number(values.rounds);
const figures = await measure();
const blocks = performanceBlocks(
  `Run of ${new Date().toISOString().slice(0, 10)}: ` +
    `${rounds} rounds on Node ${process.versions.node} and ${availableParallelism()} cores. ` +
    `Each process made ${WARM_ROTATIONS} warm rotations.`,
  figures,
);
console.log(Object.values(blocks).join('\n\n'));
const meetsTargets = judge(figures).every(({ isMet }) => isMet);
if (rounds === FULL && meetsTargets) {
  writeBlocks('docs/performance.md', blocks);
}
process.exitCode = meetsTargets ? 0 : 1;

async function measure(): Promise<Readonly<Record<SubjectId, SubjectFigures>>> {
  const cloud = await startLocalCloud(join(LOCAL, `bench-${process.pid}`));
  try {
    const measured = [];
    for (const [id, subject] of Object.entries(SUBJECTS)) {
      const bench = await createBench(cloud, subject);
      measured.push({ id, title: subject.title, bench, samples: [] as Sample[] });
    }
    // Each round takes one sample of each subject. The first round warms the servers.
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
    const figures = measured.map(({ id, title, bench, samples }) => {
      bench.close();
      return [id, figuresOf({ title, bytes: bench.bytes }, samples)];
    });
    return Object.fromEntries(figures) as Record<SubjectId, SubjectFigures>;
  } finally {
    await cloud.stop();
  }
}

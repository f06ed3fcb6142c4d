/**
 * Runs applications through rotations and faults in the local cloud: the real Milvus, the AWS
 * emulator, the deployed stack and its function. Counts failed calls, and lost and duplicate rows.
 * Prints the tables of docs/continuity.md. A full run that keeps the promises also writes them into
 * the page.
 *
 * npm run bench:continuity                      about nine minutes
 * npm run bench:continuity -- --rotations 2     a trial, writes nothing
 *
 * The exit code is 1 if a call failed that must not fail, if a row was lost or duplicate, if a
 * client that must fail did not, or if the load was too low.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBlocks } from '../build/pages.ts';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { CLIENTS } from './continuity/clients.ts';
import { FAULT_NAMES } from './continuity/events.ts';
import { measure } from './continuity/measure.ts';
import { continuityBlocks } from './continuity/page.ts';
import { brokenPromises, type RunSettings, type StrategyRun, subjectOf } from './continuity/results.ts';
import { deploySecrets } from './continuity/secret.ts';

const FULL = 20;
const LEAST_CALLS_PER_SECOND = 200;

const { values } = parseArgs({ options: { rotations: { type: 'string', default: String(FULL) } } });
const rotations = Number(values.rotations);
const settings: RunSettings = {
  workers: 16,
  callsPerSecond: 300,
  comparisonCallsPerSecond: 24,
  clients: CLIENTS,
  rotations,
  faults: FAULT_NAMES,
  intervalMs: 2000,
  gapMs: 5000,
};
const runs = await measureAll();
const machine = `Run of ${new Date().toISOString().slice(0, 10)}: ${availableParallelism()} processors, Node ${process.versions.node}`;
const blocks = continuityBlocks(machine, settings, runs);
console.log(Object.values(blocks).join('\n\n'));
const problems = runs.flatMap((one) => [...brokenPromises(one), ...tooLowLoad(one)]);
for (const problem of problems) {
  console.error(problem);
}
if (rotations === FULL && problems.length === 0) {
  writeBlocks('docs/continuity.md', blocks);
}
process.exitCode = problems.length === 0 ? 0 : 1;

async function measureAll(): Promise<StrategyRun[]> {
  const cloud = await startLocalCloud(join(LOCAL, `continuity-${process.pid}`));
  try {
    progress('Deploying the function and its secrets');
    const runs: StrategyRun[] = [];
    for (const secret of await deploySecrets(cloud)) {
      runs.push(await measure(cloud, secret, settings, progress));
      secret.close();
    }
    return runs;
  } finally {
    await cloud.stop();
  }
}

function tooLowLoad({ strategy, applications }: StrategyRun): string[] {
  return applications
    .filter(({ client, callsPerSecond }) => client === subjectOf(strategy) && callsPerSecond < LEAST_CALLS_PER_SECOND)
    .map(({ client, callsPerSecond }) => `${strategy}, ${client}: only ${Math.round(callsPerSecond)} calls a second`);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

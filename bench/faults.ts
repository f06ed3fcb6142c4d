/**
 * Runs faults on a real Milvus and the AWS emulator, with three functions: this project's function
 * as `cdk deploy` deploys it, with a single user and with two users that take turns, and AWS's
 * single-user algorithm. Connections break and processes die as in production. The exit code is 1
 * if this project's function does not recover, or sends a request to an unintended host or for an
 * unintended user.
 *
 * npm run bench:faults [-- TEXT]    runs only the scenarios whose starting state, fault or
 * continuation contains the text
 */
import { join } from 'node:path';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { FAULTS } from './faults/faults.ts';
import { type DeployedFunction, deployAwsSingleUser, deployRotationFunction } from './faults/functions.ts';
import { isAsPromised, type Outcome, play, type Result } from './faults/outcome.ts';
import { appliesTo, SCENARIOS, type Scenario } from './faults/scenarios.ts';
import { HEALTHY } from './faults/starting-states.ts';

const FUNCTIONS = ['this function', 'this function with two users', "AWS's algorithm"];

/** How many of the first entries are functions of this project. These must recover. */
const OWN_FUNCTIONS = 2;

/** For each function, the summary has these columns and then the unintended requests. */
const COUNTED: ReadonlyArray<readonly [column: string, outcomes: readonly Outcome[]]> = [
  ['recovered', ['recovered', 'recovered late']],
  ['locked out', ['locked out']],
  ['stuck', ['stuck']],
  ['early or altered', ['promoted early', 'cut off', 'altered']],
];

const text = process.argv.slice(2).join(' ');
const scenarios = SCENARIOS.filter(({ state, fault, continuation }) =>
  `${state}, ${fault}, ${continuation}`.includes(text),
);
const cloud = await startLocalCloud({ stateDir: join(LOCAL, `faults-${process.pid}`) });
try {
  const functions = await Promise.all([
    deployRotationFunction(cloud, 'single-user'),
    deployRotationFunction(cloud, 'alternating-users'),
    deployAwsSingleUser(cloud),
  ]);
  // Each function runs its scenarios one after another, because a killed process would end a
  // concurrent scenario too.
  const results = await Promise.all(functions.map(run));
  await Promise.all(functions.map(({ balancer }) => balancer.close()));
  printScenarios(results);
  printSummary(results);
  const isKept = results
    .slice(0, OWN_FUNCTIONS)
    .every((own) => scenarios.every((scenario, index) => isFulfilled(scenario, own[index])));
  process.exitCode = isKept ? 0 : 1;
} finally {
  await cloud.stop();
}

/** `not judged`: the servers failed, not the function. `none`: not for two users. */
type Results = ReadonlyArray<Result | 'not judged' | 'none'>;

async function run(rotatedBy: DeployedFunction): Promise<Results> {
  const results: Array<Results[number]> = [];
  for (const scenario of scenarios) {
    if (!appliesTo(scenario, rotatedBy)) {
      results.push('none');
      continue;
    }
    const result = await play(scenario, cloud, rotatedBy).catch((error: unknown) => {
      console.error(`\n${scenario.state}; ${scenario.fault}; ${scenario.continuation}:`, error);
      return 'not judged' as const;
    });
    results.push(result);
    process.stderr.write('.');
  }
  return results;
}

function isFulfilled(scenario: Scenario, result: Results[number] = 'not judged'): boolean {
  return typeof result === 'string' ? result === 'none' : isAsPromised(scenario, result);
}

function printScenarios(results: readonly Results[]): void {
  console.log(`\n\n| starting state | fault | then | ${FUNCTIONS.join(' | ')} |\n|---|---|---|${'---|'.repeat(3)}`);
  for (const [index, { state, fault, continuation }] of scenarios.entries()) {
    const cells = results.map((ofFunction) => cellOf(ofFunction[index]));
    console.log(`| ${state} | ${fault} | ${continuation} | ${cells.join(' | ')} |`);
  }
}

function cellOf(result: Results[number] = 'not judged'): string {
  if (typeof result === 'string') {
    return result;
  }
  const { outcome, faultOccurred, unintendedRequests } = result;
  return [
    outcome,
    ...(faultOccurred ? [] : ['the fault did not occur']),
    ...(unintendedRequests === 0 ? [] : [`${unintendedRequests} unintended requests`]),
  ].join(', ');
}

/** The table of docs/never-locked-out.md. */
function printSummary(results: readonly Results[]): void {
  const columns = [...COUNTED.map(([column]) => column), 'unintended requests'].join(' | ');
  const heads = `scenarios | ${FUNCTIONS.map((name) => `${name}: ${columns}`).join(' | ')}`;
  console.log(`\n| starting state and fault | ${heads} |\n|${'---|'.repeat(heads.split('|').length + 1)}`);
  const rows = Map.groupBy(scenarios.keys(), groupOf).set('**all**', [...scenarios.keys()]);
  for (const [name, indexes] of rows) {
    const counts = results.flatMap((ofFunction) => countsOf(indexes.map((index) => ofFunction[index] ?? 'not judged')));
    console.log(`| ${name} | ${indexes.length} | ${counts.join(' | ')} |`);
  }
}

function groupOf(index: number): string {
  const { state = '', fault = '' } = scenarios[index] ?? {};
  return state === HEALTHY ? `${HEALTHY}; ${FAULTS[fault]?.kind}` : state;
}

function countsOf(results: Results): number[] {
  const judged = results.filter((result) => typeof result !== 'string');
  return [
    ...COUNTED.map(([, outcomes]) => judged.filter(({ outcome }) => outcomes.includes(outcome)).length),
    judged.reduce((sum, { unintendedRequests }) => sum + unintendedRequests, 0),
  ];
}

/**
 * Runs faults on a real Milvus and the AWS emulator, with two functions: this project's function
 * as `cdk deploy` deploys it, and AWS's single-user algorithm. Connections break and processes die
 * as in production. The exit code is 1 if this project's function does not recover, or sends a
 * request to an unintended host or for an unintended user.
 *
 * npm run bench:faults [-- TEXT]    runs only the scenarios whose starting state, fault or
 * continuation contains the text
 */
import { join } from 'node:path';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { FAULTS } from './faults/faults.ts';
import { deployAwsSingleUser, deployRotationFunction } from './faults/functions.ts';
import { isAsPromised, type Outcome, play, type Result } from './faults/outcome.ts';
import { SCENARIOS, type Scenario } from './faults/scenarios.ts';
import { HEALTHY } from './faults/starting-states.ts';
import type { DeployedFunction } from './faults/subject.ts';

/** The columns of the summary for each function, before the unintended requests. */
const COUNTED: ReadonlyArray<readonly [column: string, outcomes: readonly Outcome[]]> = [
  ['recovered', ['recovered', 'recovered late']],
  ['locked out', ['locked out']],
  ['stuck', ['stuck']],
  ['early or altered', ['promoted early', 'altered']],
];

const text = process.argv.slice(2).join(' ');
const scenarios = SCENARIOS.filter(({ state, fault, continuation }) =>
  `${state}, ${fault}, ${continuation}`.includes(text),
);
const cloud = await startLocalCloud({ stateDir: join(LOCAL, `faults-${process.pid}`) });
try {
  const functions = await Promise.all([deployRotationFunction(cloud), deployAwsSingleUser(cloud)]);
  // Each function runs its scenarios one after another, because a killed process would end a
  // concurrent scenario too.
  const [own = [], aws = []] = await Promise.all(functions.map(run));
  await Promise.all(functions.map(({ balancer }) => balancer.close()));
  printScenarios(own, aws);
  printSummary(own, aws);
  process.exitCode = scenarios.every((scenario, index) => isKept(scenario, own[index])) ? 0 : 1;
} finally {
  await cloud.stop();
}

/** `undefined`: the servers failed, not the function. */
type Results = ReadonlyArray<Result | undefined>;

async function run(rotatedBy: DeployedFunction): Promise<Results> {
  const results: Array<Result | undefined> = [];
  for (const scenario of scenarios) {
    const result = await play(scenario, cloud, rotatedBy).catch((error: unknown) => {
      console.error(`\n${scenario.state}; ${scenario.fault}; ${scenario.continuation}:`, error);
      return undefined;
    });
    results.push(result);
    process.stderr.write('.');
  }
  return results;
}

function isKept(scenario: Scenario, result: Result | undefined): boolean {
  return result !== undefined && isAsPromised(scenario, result);
}

function printScenarios(own: Results, aws: Results): void {
  console.log("\n\n| starting state | fault | then | this function | AWS's algorithm |\n|---|---|---|---|---|");
  for (const [index, { state, fault, continuation }] of scenarios.entries()) {
    console.log(`| ${state} | ${fault} | ${continuation} | ${cellOf(own[index])} | ${cellOf(aws[index])} |`);
  }
}

function cellOf(result: Result | undefined): string {
  if (result === undefined) {
    return 'not judged';
  }
  const { outcome, faultOccurred, unintendedRequests } = result;
  return [
    outcome,
    ...(faultOccurred ? [] : ['the fault did not occur']),
    ...(unintendedRequests === 0 ? [] : [`${unintendedRequests} unintended requests`]),
  ].join(', ');
}

/** The table of docs/never-locked-out.md. */
function printSummary(own: Results, aws: Results): void {
  const columns = [...COUNTED.map(([column]) => column), 'unintended requests'].join(' | ');
  const heads = `scenarios | this function: ${columns} | AWS's algorithm: ${columns}`;
  console.log(`\n| starting state and fault | ${heads} |\n|${'---|'.repeat(heads.split('|').length + 1)}`);
  const rows = Map.groupBy(scenarios.keys(), groupOf).set('**all**', [...scenarios.keys()]);
  for (const [name, indexes] of rows) {
    const counts = [own, aws].flatMap((results) => countsOf(indexes.map((index) => results[index])));
    console.log(`| ${name} | ${indexes.length} | ${counts.join(' | ')} |`);
  }
}

function groupOf(index: number): string {
  const { state = '', fault = '' } = scenarios[index] ?? {};
  return state === HEALTHY ? `${HEALTHY}; ${FAULTS[fault]?.kind}` : state;
}

function countsOf(results: Results): number[] {
  const judged = results.filter((result) => result !== undefined);
  return [
    ...COUNTED.map(([, outcomes]) => judged.filter(({ outcome }) => outcomes.includes(outcome)).length),
    judged.reduce((sum, { unintendedRequests }) => sum + unintendedRequests, 0),
  ];
}

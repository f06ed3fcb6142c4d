/**
 * Runs faults on a real Milvus and the AWS emulator, with three functions: this project's function
 * as `cdk deploy` deploys it, with a single user and with two users that take turns, and AWS's
 * single-user algorithm. Connections break and processes die as in production. Prints the tables of
 * docs/never-locked-out.md. The exit code is 1 if this project's function does not recover, or
 * sends a request to an unintended host or for an unintended user.
 *
 * npm run bench:faults [-- TEXT]    runs only the scenarios whose starting state, fault or
 * continuation contains the text
 */
import { join } from 'node:path';
import { table } from '../build/pages.ts';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { STRATEGIES } from '../protocol/rotation/strategies/strategies.ts';
import { USER_STRATEGY_NAMES } from '../protocol/secret/rotated-secrets.ts';
import { FAULTS } from './faults/faults.ts';
import { deployAwsSingleUser, deployRotationFunction, type FunctionUnderTest } from './faults/functions.ts';
import { isAsPromised, type Outcome, play, type Result } from './faults/outcome.ts';
import { appliesTo, SCENARIOS, type Scenario } from './faults/scenarios.ts';
import { HEALTHY } from './faults/starting-states.ts';
import { digits } from './numbers.ts';

/** The last one is not of this project, and need not recover. */
const FUNCTIONS = [...USER_STRATEGY_NAMES.map((name) => `this function, ${STRATEGIES[name].title}`), "AWS's algorithm"];

/** `not judged`: the servers failed, not the function. `none`: not for two users. */
type Results = ReadonlyArray<Result | 'not judged' | 'none'>;

const text = process.argv.slice(2).join(' ');
const scenarios = SCENARIOS.filter((scenario) => nameOf(scenario).includes(text));
const cloud = await startLocalCloud(join(LOCAL, `faults-${process.pid}`));
try {
  const functions = await Promise.all([
    ...USER_STRATEGY_NAMES.map((strategy) => deployRotationFunction(cloud, strategy)),
    deployAwsSingleUser(cloud),
  ]);
  // Each function runs its scenarios one after another, because a killed process would end a
  // concurrent scenario too.
  const results = await Promise.all(functions.map(run));
  await Promise.all(functions.map(({ balancer }) => balancer.close()));
  for (const [index, name] of FUNCTIONS.entries()) {
    console.log(`\n${name}\n\n${summary(results[index] ?? [])}`);
  }
  const broken = results.slice(0, -1).flatMap(brokenPromises);
  for (const line of broken) {
    console.error(line);
  }
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await cloud.stop();
}

function nameOf({ state, fault, continuation }: Scenario): string {
  return `${state}, ${fault}, ${continuation}`;
}

async function run(rotatedBy: FunctionUnderTest): Promise<Results> {
  const results: Array<Results[number]> = [];
  for (const scenario of scenarios) {
    if (!appliesTo(scenario, rotatedBy)) {
      results.push('none');
      continue;
    }
    const result = await play(scenario, cloud, rotatedBy).catch((error: unknown) => {
      console.error(`\n${nameOf(scenario)}:`, error);
      return 'not judged' as const;
    });
    results.push(result);
    process.stderr.write('.');
  }
  return results;
}

/** The scenarios in which a function did not do what docs/never-locked-out.md promises. */
function brokenPromises(results: Results, own: number): string[] {
  return scenarios.flatMap((scenario, index) => {
    const result = results[index] ?? 'not judged';
    const isKept = typeof result === 'string' ? result === 'none' : isAsPromised(scenario, result);
    return isKept ? [] : [`${FUNCTIONS[own]}, ${nameOf(scenario)}: ${JSON.stringify(result)}`];
  });
}

/** The table of one function. */
function summary(results: Results): string {
  const rows = Map.groupBy(scenarios.keys(), groupOf).set('**all**', [...scenarios.keys()]);
  return table(
    ['starting state and fault', 'scenarios', 'recovered', 'locked out', 'other', 'unintended requests'],
    [...rows].map(([name, indexes]) => {
      const judged = indexes.flatMap((index) => {
        const result = results[index];
        return result === undefined || typeof result === 'string' ? [] : [result];
      });
      const count = (...outcomes: readonly Outcome[]): number =>
        judged.filter(({ outcome }) => outcomes.includes(outcome)).length;
      const [recovered, lockedOut] = [count('recovered', 'recovered late'), count('locked out')];
      const unintended = judged.reduce((sum, { unintendedRequests }) => sum + unintendedRequests, 0);
      const numbers = [judged.length, recovered, lockedOut, judged.length - recovered - lockedOut, unintended];
      return [name, ...numbers.map(digits)];
    }),
  );
}

function groupOf(index: number): string {
  const { state = '', fault = '' } = scenarios[index] ?? {};
  return state === HEALTHY ? `${HEALTHY}; ${FAULTS[fault]?.kind}` : state;
}

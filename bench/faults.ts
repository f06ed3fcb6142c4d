/**
 * Runs faults on a real Milvus and the AWS emulator, with two functions: this project's function
 * as `cdk deploy` deploys it, and AWS's single-user algorithm. Connections break and processes die
 * as in production.
 *
 * npm run bench:faults [-- TEXT]    runs only the scenarios whose name or continuation contains
 * the text
 */
import { join } from 'node:path';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { deployAwsSingleUser, deployRotationFunction } from './faults/functions.ts';
import { OUTCOMES, type Outcome, outcomeOf } from './faults/outcome.ts';
import { SCENARIOS, sendsToForeignHost } from './faults/scenarios.ts';
import { type DeployedFunction, Subject } from './faults/subject.ts';

const text = process.argv.slice(2).join(' ');
const scenarios = SCENARIOS.filter(({ name, continuation }) => `${name}, ${continuation}`.includes(text));
const cloud = await startLocalCloud({ stateDir: join(LOCAL, `faults-${process.pid}`) });
try {
  const functions = await Promise.all([deployRotationFunction(cloud), deployAwsSingleUser(cloud)]);
  // Each function runs its scenarios one after another, because a killed process would end a
  // concurrent scenario too.
  const [own = [], aws = []] = await Promise.all(functions.map(run));
  print(own, aws);
  const [ownRequest, awsRequest] = await Promise.all(functions.map(foreignHost));
  console.log('\nH: a pending version that names another host');
  console.log(`  this function: ${ownRequest}; AWS's algorithm: ${awsRequest}`);
  // In scenario D, the first attempt removes the refused version on purpose, and the second
  // attempt completes.
  const allRecovered = own.every(
    (outcome, index) =>
      outcome === 'recovered' || (outcome === 'recovered late' && scenarios[index]?.name.startsWith('D') === true),
  );
  process.exitCode = allRecovered ? 0 : 1;
} finally {
  await cloud.stop();
}

type Result = Outcome | 'not judged';

async function run(rotatedBy: DeployedFunction): Promise<Result[]> {
  const outcomes: Result[] = [];
  for (const scenario of scenarios) {
    try {
      outcomes.push(await outcomeOf(scenario, cloud, rotatedBy));
    } catch (error) {
      // The servers failed, not the function. The other scenarios still give results.
      console.error(`\n${scenario.name}; ${scenario.continuation}:`, error);
      outcomes.push('not judged');
    }
    process.stderr.write('.');
  }
  return outcomes;
}

async function foreignHost(rotatedBy: DeployedFunction): Promise<string> {
  const subject = await Subject.on(cloud, rotatedBy);
  try {
    const sent = await sendsToForeignHost(subject, cloud.access.milvus.plaintext.endpoint);
    return sent ? 'sent a password' : 'refused before any connection';
  } finally {
    await subject.close();
  }
}

function print(own: readonly Result[], aws: readonly Result[]): void {
  console.log("\n\n| scenario | then | this function | AWS's algorithm |\n|---|---|---|---|");
  for (const [index, { name, continuation }] of scenarios.entries()) {
    console.log(`| ${name} | ${continuation} | ${own[index]} | ${aws[index]} |`);
  }
  console.log(`\n| ${scenarios.length} scenarios | this function | AWS's algorithm |\n|---|---|---|`);
  for (const outcome of [...OUTCOMES, 'not judged'] as const) {
    const count = (results: readonly Result[]): number => results.filter((result) => result === outcome).length;
    console.log(`| ${outcome} | ${count(own)} | ${count(aws)} |`);
  }
}

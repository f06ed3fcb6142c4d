/**
 * The fault campaign on real servers: a real Milvus, the AWS emulator, our function as `cdk deploy` deploys it and
 * AWS's single-user algorithm beside it; connections are cut and processes killed for real.
 *
 *   npm run bench:faults [-- WORDS]    only the scenarios whose name or continuation contains these words
 */
import { join } from 'node:path';
import { startLocalCloud } from '../local/local-cloud.ts';
import { LOCAL } from '../local/project.ts';
import { deployOurs, deployPeer } from './faults/functions.ts';
import { OUTCOMES, type Outcome, outcomeOf } from './faults/outcome.ts';
import { SCENARIOS, sendsToForeignHost } from './faults/scenarios.ts';
import { type DeployedFunction, Subject } from './faults/subject.ts';

const words = process.argv.slice(2).join(' ');
const scenarios = SCENARIOS.filter(({ name, continuation }) => `${name}, ${continuation}`.includes(words));
const cloud = await startLocalCloud({ stateDir: join(LOCAL, `faults-${process.pid}`) });
try {
  const [ours, peer] = await Promise.all([deployOurs(cloud), deployPeer(cloud)]);
  // One lane a function: a killed worker must not take another scenario with it.
  const [oursDid, peerDid] = await Promise.all([run(ours), run(peer)]);
  print(oursDid, peerDid);
  const foreign = await Promise.all([ours, peer].map(foreignHost));
  console.log('\nH: a pending version that names another host');
  console.log(`  ours: ${foreign[0]}; AWS's algorithm: ${foreign[1]}`);
  // D gives its version up on purpose, so it completes one attempt later; a scenario that strikes nothing shows nothing.
  const kept = oursDid.every(
    (outcome, index) =>
      outcome === 'recovered' || (outcome === 'recovered late' && scenarios[index]?.name.startsWith('D') === true),
  );
  process.exitCode = kept ? 0 : 1;
} finally {
  await cloud.stop();
}

type Judged = Outcome | 'not judged';

async function run(rotatedBy: DeployedFunction): Promise<Judged[]> {
  const outcomes: Judged[] = [];
  for (const scenario of scenarios) {
    try {
      outcomes.push(await outcomeOf(scenario, cloud, rotatedBy));
    } catch (error) {
      // The servers, not the function, failed: the other scenarios are still worth their results.
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
    return sent ? 'a password is sent there' : 'refused before any connection';
  } finally {
    await subject.close();
  }
}

function print(ours: readonly Judged[], peer: readonly Judged[]): void {
  const rows = scenarios.map(({ name, continuation }, index) => [
    name,
    continuation,
    ours[index] ?? '',
    peer[index] ?? '',
  ]);
  const head = ['scenario', 'then', 'ours', "AWS's algorithm"];
  console.log(`\n\n| ${head.join(' | ')} |\n|---|---|---|---|`);
  for (const row of rows) {
    console.log(`| ${row.join(' | ')} |`);
  }
  console.log(`\n| ${scenarios.length} scenarios | ours | AWS's algorithm |\n|---|---|---|`);
  for (const outcome of [...OUTCOMES, 'not judged'] as const) {
    const count = (all: readonly Judged[]): number => all.filter((one) => one === outcome).length;
    console.log(`| ${outcome} | ${count(ours)} | ${count(peer)} |`);
  }
}

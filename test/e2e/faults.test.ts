import { beforeAll, describe, expect, it } from 'vitest';
import type { Continuation } from '../../bench/faults/continuations.ts';
import { deployAwsSingleUser, deployRotationFunction } from '../../bench/faults/functions.ts';
import { outcomeOf } from '../../bench/faults/outcome.ts';
import { SCENARIOS, type Scenario, sendsToForeignHost } from '../../bench/faults/scenarios.ts';
import { type DeployedFunction, Subject } from '../../bench/faults/subject.ts';
import { servers } from '../support/servers.ts';

/** One scenario of each kind. `npm run bench:faults` runs all scenarios. */
const SUBSET: ReadonlyArray<[name: string, continuation: Continuation]> = [
  ['setSecret: answer to the change lost, network down', 'AWSPENDING removed, new token'],
  ['setSecret: network down after the change', 'another key stored by hand'],
  ['setSecret: killed before the change', 'the same token'],
  ['setSecret: killed after the change', 'cancelled, AWSPENDING removed, new token'],
  ['createSecret: PutSecretValue: lose-answer', 'the same token'],
  ['finishSecret: UpdateSecretVersionStage: lose-answer', 'AWSPENDING removed, new token'],
  ['G: the cluster restored from a backup, three rotations old', 'the same token'],
];

describe('faults on real servers', () => {
  let rotationFunction: DeployedFunction;
  let awsSingleUser: DeployedFunction;

  beforeAll(async () => {
    [rotationFunction, awsSingleUser] = await Promise.all([
      deployRotationFunction(servers()),
      deployAwsSingleUser(servers()),
    ]);
  }, 120_000);

  function scenario(name: string, continuation: Continuation): Scenario {
    const scenario = SCENARIOS.find((candidate) => candidate.name === name && candidate.continuation === continuation);
    if (scenario === undefined) {
      throw new Error(`bench/faults/scenarios.ts has no scenario "${name}" with "${continuation}".`);
    }
    return scenario;
  }

  it.each(SUBSET)('the deployed function recovers: %s; %s', async (name, continuation) => {
    expect(await outcomeOf(scenario(name, continuation), servers(), rotationFunction)).toBe('recovered');
  });

  it('an attempt removes a version whose password Milvus refuses, and a later attempt completes', async () => {
    const refused = scenario('D: a pending password that Milvus refuses', 'the same token');
    expect(await outcomeOf(refused, servers(), rotationFunction)).toMatch(/^recovered/);
  });

  it("AWS's single-user algorithm locks applications out where the deployed function recovers", async () => {
    const killed = scenario('setSecret: killed after the change', 'AWSPENDING removed, new token');
    expect(await outcomeOf(killed, servers(), awsSingleUser)).toBe('locked out');
    expect(await outcomeOf(killed, servers(), rotationFunction)).toBe('recovered');
  });

  it('sends no request to a host that only the pending version names', async () => {
    const subject = await Subject.on(servers(), rotationFunction);
    try {
      expect(await sendsToForeignHost(subject, servers().access.milvus.plaintext.endpoint)).toBe(false);
    } finally {
      await subject.close();
    }
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { deployOurs, deployPeer } from '../../bench/faults/functions.ts';
import { outcomeOf } from '../../bench/faults/outcome.ts';
import { SCENARIOS, sendsToForeignHost } from '../../bench/faults/scenarios.ts';
import { type DeployedFunction, Subject } from '../../bench/faults/subject.ts';
import { servers } from '../support/servers.ts';

/** One of each kind of the campaign that `npm run bench:faults` runs in full. */
const SUBSET = [
  ['setSecret: answer to the change lost, network gone', 'AWSPENDING removed, new token'],
  ['setSecret: network gone after the change', 'another key stored by hand'],
  ['setSecret: killed before the change', 'the same token'],
  ['setSecret: killed after the change', 'cancelled, AWSPENDING removed, new token'],
  ['createSecret: PutSecretValue: lose-answer', 'the same token'],
  ['finishSecret: UpdateSecretVersionStage: lose-answer', 'AWSPENDING removed, new token'],
  ['G: the cluster restored from a backup, three rotations old', 'the same token'],
] as const;

describe('faults on real servers', () => {
  let ours: DeployedFunction;
  let peer: DeployedFunction;

  beforeAll(async () => {
    [ours, peer] = await Promise.all([deployOurs(servers()), deployPeer(servers())]);
  }, 120_000);

  function scenario(name: string, continuation: string) {
    const found = SCENARIOS.find((one) => one.name === name && one.continuation === continuation);
    if (found === undefined) {
      throw new Error(`The campaign has no scenario "${name}" with "${continuation}".`);
    }
    return found;
  }

  it.each(SUBSET)('the deployed function recovers: %s; %s', async (name, continuation) => {
    expect(await outcomeOf(scenario(name, continuation), servers(), ours)).toBe('recovered');
  });

  it('a password that Milvus refuses is given up, and the attempt after that completes', async () => {
    const refused = scenario('D: a pending password that Milvus refuses', 'the same token');
    expect(await outcomeOf(refused, servers(), ours)).toMatch(/^recovered/);
  });

  it("the scenarios are real: AWS's single-user algorithm locks out where ours recovers", async () => {
    const lost = scenario('setSecret: killed after the change', 'AWSPENDING removed, new token');
    expect(await outcomeOf(lost, servers(), peer)).toBe('locked out');
    expect(await outcomeOf(lost, servers(), ours)).toBe('recovered');
  });

  it('a planted version that names another host gets no connection', async () => {
    const subject = await Subject.on(servers(), ours);
    try {
      expect(await sendsToForeignHost(subject, servers().access.milvus.plaintext.endpoint)).toBe(false);
    } finally {
      await subject.close();
    }
  });
});

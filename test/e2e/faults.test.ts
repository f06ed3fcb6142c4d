import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { CONTINUATIONS } from '../faults/continuations.ts';
import { HEALTHY, SCENARIOS, type Scenario } from './faults/scenarios.ts';
import { Subject } from './faults/subject.ts';

/** Scenarios of each kind. `npm run bench:faults` runs all scenarios. */
const SUBSET: readonly string[] = [
  `${HEALTHY}; setSecret: answer to the change lost, network down; AWSPENDING removed, new token`,
  `${HEALTHY}; setSecret: network down after the change; another key stored by hand`,
  `${HEALTHY}; setSecret: killed before the change; the same token`,
  `${HEALTHY}; createSecret: PutSecretValue: lose-answer; the same token`,
  'a password changed outside, an admin secret, and a cluster that refuses the next password; none; the same token',
  'one of two proxies learns of a change late; none; the same token',
  'a restored backup, and an older version that the KMS key refuses; none; the same token',
  'AWSPENDING holds a password that Milvus refuses (row D); none; the same token',
];

describe('the deployed function recovers on real servers', () => {
  let subjects: readonly Subject[];

  beforeAll(async () => {
    subjects = await Promise.all(USER_STRATEGY_NAMES.map((strategy) => Subject.deploy(strategy)));
  });

  afterAll(() => Promise.all(subjects.map(({ balancer }) => balancer.close())));

  // One after another, because a killed process would end a concurrent scenario too.
  it.each(process.env['FAULT_SCENARIOS'] === 'all' ? [...SCENARIOS.keys()] : SUBSET)('%s', async (name) => {
    const scenario = SCENARIOS.get(name) ?? expect.fail('test/e2e/faults/scenarios.ts has no such scenario.');
    // Every subject must end before the next scenario begins, also if the first one has failed.
    const ends = await Promise.allSettled(subjects.map((subject) => play(scenario, subject)));
    expect(ends).toEqual(subjects.map(() => ({ status: 'fulfilled', value: undefined })));
  });
});

/** Expects that the next attempt completes, or the one after it in some states. */
async function play({ state, fault, continuation }: Scenario, subject: Subject): Promise<void> {
  await subject.begin();
  try {
    await state.prepare(subject);
    subject.balancer.received = [];
    expect(await fault.inject(subject), 'the function made the call of the fault').toBe(true);
    await CONTINUATIONS[continuation](subject);
    await subject.expectRecovery(state.attempts ?? 1);
    expect(subject.unintendedRequests(state.mayReset === true)).toEqual([]);
  } finally {
    await subject.end();
  }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Continuation } from '../../bench/faults/continuations.ts';
import { deployAwsSingleUser, deployRotationFunction, type FunctionUnderTest } from '../../bench/faults/functions.ts';
import { isAsPromised, play } from '../../bench/faults/outcome.ts';
import { appliesTo, SCENARIOS, type Scenario } from '../../bench/faults/scenarios.ts';
import { HEALTHY } from '../../bench/faults/starting-states.ts';
import { USER_STRATEGY_NAMES, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { servers } from '../support/servers.ts';

const REMOVED = 'AWSPENDING removed, new token';
const OTHER_HOST_PENDING = 'AWSPENDING names another host (row H)';

/** Scenarios of each kind. `npm run bench:faults` runs all scenarios. */
const SUBSET: ReadonlyArray<[state: string, fault: string, continuation: Continuation]> = [
  [HEALTHY, 'setSecret: answer to the change lost, network down', REMOVED],
  [HEALTHY, 'setSecret: network down after the change', 'another key stored by hand'],
  [HEALTHY, 'setSecret: killed before the change', 'the same token'],
  [HEALTHY, 'createSecret: PutSecretValue: lose-answer', 'the same token'],
  [HEALTHY, 'testSecret: GetSecretValue: key-failure', REMOVED],
  [HEALTHY, 'finishSecret: UpdateSecretVersionStage: deny', REMOVED],
  [
    'a password changed outside, an admin secret, and a cluster that refuses the next password',
    'none',
    'the same token',
  ],
  ['one of two proxies learns of a change late', 'none', 'the same token'],
  ['a restored backup, and an older version that the KMS key refuses', 'none', 'the same token'],
  ['a secret moved to another user', 'setSecret: killed after the change', REMOVED],
  ['eight labels of the owner, and rotations whose AWSPENDING was removed', 'none', 'the same token'],
  ['AWSPENDING holds a password that Milvus refuses (row D)', 'one attempt', 'the same token'],
];

function find(state: string, fault: string, continuation: Continuation): Scenario {
  const scenario = SCENARIOS.find(
    (candidate) => candidate.state === state && candidate.fault === fault && candidate.continuation === continuation,
  );
  if (scenario === undefined) {
    throw new Error(`bench/faults/scenarios.ts has no scenario "${state}", "${fault}", "${continuation}".`);
  }
  return scenario;
}

describe('faults on real servers', () => {
  let functions: Readonly<Record<UserStrategyName, FunctionUnderTest>>;
  let awsSingleUser: FunctionUnderTest;

  beforeAll(async () => {
    const deployed = USER_STRATEGY_NAMES.map(
      async (name) => [name, await deployRotationFunction(servers(), name)] as const,
    );
    awsSingleUser = await deployAwsSingleUser(servers());
    functions = Object.fromEntries(await Promise.all(deployed)) as typeof functions;
  });

  afterAll(() => Promise.all([...Object.values(functions), awsSingleUser].map(({ balancer }) => balancer.close())));

  it.concurrent.each(USER_STRATEGY_NAMES)('the deployed function recovers from each, %s', async (strategy) => {
    const broken: unknown[] = [];
    let played = 0;
    for (const names of SUBSET) {
      const scenario = find(...names);
      // A configuration that pins both users refuses a move to another user.
      if (appliesTo(scenario, functions[strategy])) {
        const result = await play(scenario, servers(), functions[strategy]);
        broken.push(...(isAsPromised(scenario, result) ? [] : [{ names, result }]));
        played += 1;
      }
    }
    expect(broken).toEqual([]);
    expect(played).toBeGreaterThan(10);
  });

  it("AWS's single-user algorithm locks applications out where the deployed function recovers", async () => {
    const killed = find(HEALTHY, 'setSecret: killed after the change', REMOVED);
    const [own, aws] = await Promise.all([
      play(killed, servers(), functions['single-user']),
      play(killed, servers(), awsSingleUser),
    ]);
    expect(own).toEqual({ outcome: 'recovered', faultOccurred: true, unintendedRequests: 0 });
    expect(aws).toMatchObject({ outcome: 'locked out', faultOccurred: true });
  });

  it("AWS's single-user algorithm sends a password to a host that only AWSPENDING names, and the deployed function does not", async () => {
    const scenario = find(OTHER_HOST_PENDING, 'one attempt', REMOVED);
    const [own, aws] = await Promise.all([
      play(scenario, servers(), functions['single-user']),
      play(scenario, servers(), awsSingleUser),
    ]);
    expect(own).toEqual({ outcome: 'recovered', faultOccurred: true, unintendedRequests: 0 });
    expect(aws.unintendedRequests).toBeGreaterThan(0);
  });
});

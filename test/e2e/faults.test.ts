import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Continuation } from '../../bench/faults/continuations.ts';
import { deployRotationFunction, type FunctionUnderTest } from '../../bench/faults/functions.ts';
import { isAsPromised, play } from '../../bench/faults/outcome.ts';
import { SCENARIOS, type Scenario } from '../../bench/faults/scenarios.ts';
import { HEALTHY } from '../../bench/faults/starting-states.ts';
import { USER_STRATEGY_NAMES, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { servers } from '../support/servers.ts';

const REMOVED = 'AWSPENDING removed, new token';

/** Scenarios of each kind. `npm run bench:faults` runs all scenarios. */
const SUBSET: ReadonlyArray<[state: string, fault: string, continuation: Continuation]> = [
  [HEALTHY, 'setSecret: answer to the change lost, network down', REMOVED],
  [HEALTHY, 'setSecret: network down after the change', 'another key stored by hand'],
  [HEALTHY, 'setSecret: killed before the change', 'the same token'],
  [HEALTHY, 'createSecret: PutSecretValue: lose-answer', 'the same token'],
  [
    'a password changed outside, an admin secret, and a cluster that refuses the next password',
    'none',
    'the same token',
  ],
  ['one of two proxies learns of a change late', 'none', 'the same token'],
  ['a restored backup, and an older version that the KMS key refuses', 'none', 'the same token'],
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

  beforeAll(async () => {
    const deployed = USER_STRATEGY_NAMES.map(
      async (name) => [name, await deployRotationFunction(servers(), name)] as const,
    );
    functions = Object.fromEntries(await Promise.all(deployed)) as typeof functions;
  });

  afterAll(() => Promise.all(Object.values(functions).map(({ balancer }) => balancer.close())));

  it.concurrent.each(USER_STRATEGY_NAMES)('the deployed function recovers from each, %s', async (strategy) => {
    const broken: unknown[] = [];
    for (const names of SUBSET) {
      const scenario = find(...names);
      const result = await play(scenario, servers(), functions[strategy]);
      broken.push(...(isAsPromised(scenario, result) ? [] : [{ names, result }]));
    }
    expect(broken).toEqual([]);
  });
});

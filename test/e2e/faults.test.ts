import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployRotationFunction, type FunctionUnderTest } from '../../bench/faults/functions.ts';
import { play } from '../../bench/faults/outcome.ts';
import { SCENARIOS } from '../../bench/faults/scenarios.ts';
import { HEALTHY } from '../../bench/faults/starting-states.ts';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { servers } from '../support/servers.ts';

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
  let functions: readonly FunctionUnderTest[];

  beforeAll(async () => {
    functions = await Promise.all(USER_STRATEGY_NAMES.map((name) => deployRotationFunction(servers(), name)));
  });

  afterAll(() => Promise.all(functions.map(({ balancer }) => balancer.close())));

  // One after another, because a killed process would end a concurrent scenario too.
  it.each(process.env['FAULT_SCENARIOS'] === 'all' ? [...SCENARIOS.keys()] : SUBSET)('%s', async (name) => {
    const scenario = SCENARIOS.get(name) ?? expect.fail('bench/faults/scenarios.ts has no such scenario.');
    const results = await Promise.all(functions.map((rotatedBy) => play(scenario, servers(), rotatedBy)));
    const promised = { outcome: 'recovered', faultOccurred: true, unintendedRequests: 0 };
    expect(results).toEqual(functions.map(() => promised));
  });
});

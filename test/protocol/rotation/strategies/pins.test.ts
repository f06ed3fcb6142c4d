import { expect, it } from 'vitest';
import { alternatingUsers } from '../../../../protocol/rotation/strategies/alternating-users.ts';
import { apiKey } from '../../../../protocol/rotation/strategies/api-key.ts';
import { singleUser } from '../../../../protocol/rotation/strategies/single-user.ts';
import { pinsOf, strategyOf } from '../../../../protocol/rotation/strategies/strategies.ts';
import type { Pins, StrategyName } from '../../../../protocol/secret/rotated-secrets.ts';

const endpoint = 'https://milvus.test:19530';
const usernames = ['orders', 'orders_b'] as const;

it.each([
  [singleUser, { username: 'orders' }, true, []],
  [singleUser, {}, false, []],
  [singleUser, {}, true, ['username']],
  [singleUser, { usernames }, false, ['usernames']],
  [alternatingUsers, { endpoint, usernames }, false, []],
  [alternatingUsers, { usernames }, true, []],
  [alternatingUsers, { usernames }, false, ['endpoint']],
  [alternatingUsers, { endpoint }, false, ['usernames']],
  [alternatingUsers, {}, false, ['usernames', 'endpoint']],
  [apiKey, { endpoint, apiKeyId: 'key-1' }, false, []],
  [apiKey, { apiKeyId: 'key-1' }, false, ['endpoint']],
  [apiKey, { endpoint }, false, ['apiKeyId']],
  [apiKey, { endpoint, apiKeyId: 'key-1' }, true, ['apiKeyId']],
  [apiKey, { endpoint, apiKeyId: 'key-1', username: 'orders' }, false, ['username']],
  [apiKey, { endpoint, apiKeyId: 'key-1', usernames }, false, ['usernames']],
] as const)('a strategy with given pins names the wrong keys: %#', (strategy, pins, isNew, keys) => {
  const problems = strategy.pinProblems(pins, isNew);
  expect(problems.map(({ key }) => key)).toEqual(keys);
  expect(problems.every(({ rule }) => rule.length > 0)).toBe(true);
});

it.each<[StrategyName, Pins]>([
  ['single-user', {}],
  ['single-user', { endpoint, username: 'orders' }],
  ['alternating-users', { endpoint, usernames }],
  ['api-key', { endpoint, apiKeyId: 'key-1' }],
])('pins that name no strategy are those of %s: %j', (name, pins) => {
  expect(strategyOf(pins).name).toBe(name);
  expect(strategyOf({ ...pins, strategy: name })).toBe(strategyOf(pins));
});

it('pins name a strategy only if the users do not tell it', () => {
  expect(pinsOf({ endpoint, usernames, strategy: 'alternating-users' })).toEqual({ endpoint, usernames });
  expect(pinsOf({ strategy: 'single-user' })).toEqual({});
  expect(pinsOf({ endpoint, strategy: 'alternating-users' })).toEqual({ endpoint, strategy: 'alternating-users' });
});

import { expect, it } from 'vitest';
import { alternatingUsers } from '../../../../protocol/rotation/strategies/alternating-users.ts';
import { singleUser } from '../../../../protocol/rotation/strategies/single-user.ts';

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
] as const)('a strategy with given pins names the wrong keys: %#', (strategy, pins, isNew, keys) => {
  const problems = strategy.pinProblems(pins, isNew);
  expect(problems.map(({ key }) => key)).toEqual(keys);
  expect(problems.every(({ rule }) => rule.length > 0)).toBe(true);
});

it('a single user is the only one that a version may name, if the deployment pins it', () => {
  expect(singleUser.fromPins({ username: 'orders' })?.users).toEqual(['orders']);
  expect(singleUser.fromPins({})?.users).toEqual([]);
});

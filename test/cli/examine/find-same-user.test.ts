import { expect, it } from 'vitest';
import { createSameUserFinder } from '../../../cli/examine/find-same-user.ts';
import { ZILLIZ_CLOUD_DOMAINS } from '../../../protocol/cluster/endpoint.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

it('compares each value that it has read, after it has read as many as a command may', async () => {
  const { aws, interruption } = fixture;
  aws.add('copy', documentOf(OLD_PASSWORD, { username: 'search' }));
  for (let count = 0; count < 1000; count += 1) {
    aws.add(`other-${count}`, documentOf(OLD_PASSWORD, { username: `user_${count}` }));
  }
  const rules = { allowed: ZILLIZ_CLOUD_DOMAINS, allowPlaintext: false };
  const endpoints = { configured: undefined, howToConfigure: '', rules };
  const findSameUser = createSameUserFinder(endpoints, interruption.signal);
  const find = async (name: string) =>
    await findSameUser({ ...orders, arn: undefined, name, endpoint: ENDPOINT, usernames: [name] }, aws);

  const [first, second] = [await find('nobody'), await find('search')];

  expect(first.notes).toHaveLength(1);
  expect(second.others).toEqual(['copy']);
  expect(aws.calls.filter((call) => call.startsWith('read '))).toHaveLength(1000);
});

import { expect, it } from 'vitest';
import { createSameUserFinder, type FindSameUser, type SameUserSearch } from '../../../cli/examine/find-same-user.ts';
import { ZILLIZ_CLOUD_DOMAINS } from '../../../protocol/cluster/endpoint.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

function createFinder(): FindSameUser {
  const rules = { allowed: ZILLIZ_CLOUD_DOMAINS, allowPlaintext: false };
  return createSameUserFinder({ configured: undefined, howToConfigure: '', rules }, fixture.interruption.signal);
}

async function find(findSameUser: FindSameUser, name: string): Promise<SameUserSearch> {
  return await findSameUser({ ...orders, arn: undefined, name, endpoint: ENDPOINT, usernames: [name] }, fixture.aws);
}

it('compares each value that it has read, after it has read as many as a command may', async () => {
  const { aws } = fixture;
  aws.add('copy', documentOf(OLD_PASSWORD, { username: 'search' }));
  for (let count = 0; count < 1000; count += 1) {
    aws.add(`other-${count}`, documentOf(OLD_PASSWORD, { username: `user_${count}` }));
  }
  const findSameUser = createFinder();

  const [first, second] = [await find(findSameUser, 'nobody'), await find(findSameUser, 'search')];

  expect(first.notes).toHaveLength(1);
  expect(second.others).toEqual(['copy']);
  expect(aws.calls.filter((call) => call.startsWith('read '))).toHaveLength(1000);
});

it('reads no value of a secret whose function may be of another product', async () => {
  const { aws } = fixture;
  const rotationFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:of-a-database';
  aws.add('database', documentOf(OLD_PASSWORD, { username: 'search' }), { rotationFunctionArn });
  aws.failing.set('GetFunctionConfiguration', 'access-denied');

  const { others } = await find(createFinder(), 'search');

  expect(others).toEqual([]);
  expect(aws.calls.filter((call) => call.startsWith('read ') && call.includes('database'))).toEqual([]);
});

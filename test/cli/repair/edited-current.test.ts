import { beforeEach, describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addOwnLabels, addSentVersions, beforeLogin, leavePending } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('repair of an edited AWSCURRENT', () => {
  /**
   * setSecret changed the password. Then somebody stored another key together with the old
   * password.
   */
  beforeEach(async () => {
    await leavePending(orders);
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    orders.store.storeByHand('edited', documentOf(OLD_PASSWORD, { collection: 'orders' }));
  });

  /** Changes the cluster right after the edited value is stored. */
  const afterPut = (change: () => void) => () => {
    const put = orders.store.put.bind(orders.store);
    orders.store.put = async (version) => {
      change();
      return await put(version);
    };
  };

  it.each([
    ['somebody else moves AWSCURRENT', 5, 'changed-meanwhile', () => (orders.store.promote = async () => 'moved')],
    ['the password changes', 5, 'changed-meanwhile', afterPut(() => fixture.cluster.setByHand('app', 'Chang3d!'))],
    [
      'Ctrl-C ends the wait for slow proxies',
      130,
      'interrupted',
      afterPut(() => {
        fixture.cluster.setByHand('app', 'Chang3d!');
        fixture.interruption.abort();
      }),
    ],
    [
      'the cluster becomes unreachable',
      7,
      'changed-meanwhile',
      afterPut(() => {
        fixture.cluster.reachable = false;
      }),
    ],
  ])('changes no label if %s', async (_, expected, error, happen) => {
    const before = (await orders.store.describe()).versions;
    happen();

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(code).toBe(expected);
    expect(document.error.code).toBe(error);
    expect(fixture.aws.calls).toContain('put orders');
    expect((await orders.store.describe()).versions).toEqual(before);
  });
});

it('changes no label if the password changes before the repair of an edited value makes room for its label', async () => {
  await addSentVersions(orders, 9);
  orders.store.storeByHand('orders-v2', documentOf(NEW_PASSWORD));
  fixture.cluster.setByHand('app', NEW_PASSWORD);
  await addOwnLabels(orders, 8);
  orders.store.storeByHand('edited', documentOf('Wrong!Pass1', { collection: 'orders' }));
  const before = (await orders.store.describe()).versions;
  // The first two logins are of the search.
  beforeLogin(fixture, 3, () => fixture.cluster.setByHand('app', 'Chang3d!'));

  const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

  expect(code).toBe(5);
  expect(out).toContain('(changed-meanwhile)');
  expect((await orders.store.describe()).versions).toEqual(before);
});

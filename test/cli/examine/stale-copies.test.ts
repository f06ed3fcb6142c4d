import { beforeEach, describe, expect, it } from 'vitest';
import { AWSPENDING } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

beforeEach(() => {
  const dsn = `host=milvus password=${OLD_PASSWORD}`;
  orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD, { dsn, nested: { dsn } }));
});

describe('a copy of the password that a rotation does not update', () => {
  it('is named in the plan of a repair that only moves labels, and is left after it', async () => {
    await leavePending(orders);

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect([code, document.error.code]).toEqual([3, 'stale-copies']);
    expect(document.plan).toContainEqual(expect.stringMatching(/orders-v2.* "dsn", "nested\.dsn"/));
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });

  it('keeps repair from storing an edited value', async () => {
    await leavePending(orders);
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    const before = (await orders.store.describe()).versions;

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect([code, document.error.code]).toEqual([5, 'stale-copies']);
    expect(document.error.message).toMatch(/AWSCURRENT .*"dsn", "nested\.dsn"/);
    expect((await orders.store.describe()).versions).toEqual(before);
  });
});

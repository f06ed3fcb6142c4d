import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

beforeEach(() => {
  const dsn = `host=milvus password=${OLD_PASSWORD}`;
  orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD, { dsn, nested: { dsn } }));
});

const NAMED = 'repeats the credential in "dsn", "nested.dsn", which neither a rotation nor a repair updates';

describe('a copy of the password that a rotation does not update', () => {
  it('is named in the plan of a repair that only moves labels, and is left after it', async () => {
    await leavePending(orders);

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect([code, document.error.code]).toEqual([3, 'stale-copies']);
    expect(document.plan).toContainEqual(expect.stringContaining(`Version orders-v2 ${NAMED}`));
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });

  it('keeps repair from storing an edited value', async () => {
    await leavePending(orders);
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    const before = (await orders.store.describe()).versions;

    const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

    expect(code).toBe(5);
    expect(out).toContain(`AWSCURRENT ${NAMED}`);
    expect((await orders.store.describe()).versions).toEqual(before);
    orders.store.storeByHand('orders-v3', documentOf(OLD_PASSWORD, { collection: 'orders' }));
    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(
      documentOf(NEW_PASSWORD, { collection: 'orders' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { parseAnyEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const CURRENT = { endpoint: parseAnyEndpoint(ENDPOINT, { allowPlaintext: false }), username: 'app' };

describe('repair of labels', () => {
  it('moves AWSCURRENT only when every proxy knows the password', async () => {
    await leavePending(orders);
    let logins = 0;
    fixture.cluster.proxies = { delaysMs: [0, 5000], now: fixture.clock.now, choose: () => logins++ % 2 };
    await fixture.cluster.changePassword({ ...CURRENT, password: OLD_PASSWORD }, NEW_PASSWORD);
    const promote = orders.store.promote.bind(orders.store);
    orders.store.promote = async (move) => {
      expect(fixture.cluster.everyProxyKnows('app')).toBe(true);
      return await promote(move);
    };

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
  });

  it('exits with 3 if a label moves after the first step', async () => {
    await leavePending(orders);
    orders.store.storeByHand('orders-v2', documentOf('Wrong!Pass1'));
    await orders.store.addLabel({ label: AWSPENDING, to: 'token-1' });
    orders.store.removeLabel = async () => 'moved';

    const { code } = await fixture.run(['repair', 'orders', '--yes']);

    expect(code).toBe(3);
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
  });
});

import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';

useOrders();

describe('status --fail-on', () => {
  it('fails for a notice that it names, and for no other finding', async () => {
    orders.store.rotationEnabled = false;

    expect((await fixture.run(['status', 'orders', '--fail-on', 'rotation-off'])).code).toBe(3);
    expect((await fixture.run(['status', 'orders', '--fail-on', 'overdue,KEY_QUOTA'])).code).toBe(0);
  });

  it('refuses a code that no finding has, because a misspelt code would never fail', async () => {
    const { code, err } = await fixture.run(['status', 'orders', '--fail-on', 'overdue,rotation_off']);

    expect(code).toBe(2);
    expect(err).toContain('rotation_off');
  });
});

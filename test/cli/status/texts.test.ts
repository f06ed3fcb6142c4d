import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const NOW = Date.parse('2026-03-01T11:58:00Z');

async function statusOfOrders(): Promise<string> {
  return (await fixture.run(['status', 'orders'])).out;
}

describe('the texts of status', () => {
  it('do not say "never" after a rotation whose date AWS omits, because rotation is off', async () => {
    expect(await statusOfOrders()).toContain('rotated    never');

    orders.store.date = () => NOW;
    orders.store.storeByHand('v2', documentOf(OLD_PASSWORD));
    orders.store.rotationEnabled = false;

    expect(await statusOfOrders()).toContain('rotated    not known; AWSCURRENT was stored 2026-03-01 11:58 UTC');
  });

  it('put what is wrong before everything else', async () => {
    fixture.cluster.addUser('app', NEW_PASSWORD);

    expect((await statusOfOrders()).split('\n')[1]).toMatch(/^ {2}problem {4}The cluster rejects/);
  });
});

import { expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

it.each(['status', 'doctor', 'history', 'rotate', 'repair', 'init'])(
  'the progress of one secret has lines of one form, each with its event: %s',
  async (command) => {
    orders.store.storeByHand('orders-v2', documentOf(NEW_PASSWORD));

    const { err } = await fixture.run([command, 'orders', ...(/repair|init/.test(command) ? ['--yes'] : [])]);

    const lines = err.trimEnd().split('\n');
    expect(lines.filter((line) => !/^› orders: \S/.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(command === 'repair' ? 2 : 0);
  },
);

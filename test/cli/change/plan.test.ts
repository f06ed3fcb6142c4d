import { expect, it } from 'vitest';
import { AWSCURRENT, sentLabel } from '../../../protocol/secret/versions.ts';
import { A, ADMIN, currentDocument, SINGLE } from '../support/init-fixture.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, addOwnLabels } from '../support/repair-fixture.ts';
import { NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

it('creates a user before a login proves it, if AWSCURRENT is no credential', async () => {
  addAdmin(fixture);
  fixture.cluster.dropUser(A);
  orders.store.storeByHand('edit', 'garbage');
  const { createUser } = fixture.adminCluster;
  fixture.adminCluster.createUser = async (...args) => {
    expect(orders.store.holder(AWSCURRENT)).toBe('edit');
    return await createUser(...args);
  };

  const { code, out } = await fixture.run([...SINGLE, ...ADMIN, '--role', 'reader', '--yes']);

  expect(code, out).toBe(0);
  expect(currentDocument(fixture)['password']).toBe(fixture.cluster.passwordOf(A));
  expect(fixture.adminCluster.roles.get(A)).toEqual(['reader']);
});

it('makes room for a reset without a login that needs the reset', async () => {
  addAdmin(fixture);
  fixture.cluster.setByHand(A, NEW_PASSWORD);
  await orders.store.addLabel({ label: sentLabel('orders-v1'), to: 'orders-v1' });
  await addOwnLabels(orders, 16);

  const { code, out } = await fixture.run(['repair', 'orders', ...ADMIN, '--yes']);

  expect(code, out).toBe(0);
  expect(orders.store.labelsOf('orders-v1')).not.toContain(sentLabel('orders-v1'));
  expect(currentDocument(fixture)['password']).toBe(fixture.cluster.passwordOf(A));
});

import { describe, expect, it } from 'vitest';
import { AWSPENDING } from '../../../protocol/secret/versions.ts';
import { addSecretWithUser, fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('repair of several secrets', () => {
  it('repairs each secret, and one secret never hides another', async () => {
    addSecretWithUser(fixture, 'search');
    orders.store.startRotation('token-1');
    fixture.cluster.setByHand('search', 'Unknown!1');
    addSecretWithUser(fixture, 'users');
    fixture.aws.secret('users').store.startRotation('token-2');

    const { code, out } = await fixture.run(['repair', 'orders', 'search', 'nobody', 'users', '--yes']);

    expect(code).toBe(3);
    for (const text of ['orders: repaired', '(none-in-force)', '(not-found)', 'users: repaired']) {
      expect(out).toContain(text);
    }
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(fixture.aws.secret('users').store.holder(AWSPENDING)).toBeUndefined();
  });

  it('is not ended by a fault with one secret', async () => {
    addSecretWithUser(fixture, 'search');
    const authenticates = fixture.cluster.authenticates.bind(fixture.cluster);
    fixture.cluster.authenticates = async (credentials) => {
      if (credentials.username === 'app') {
        throw new TypeError('Cannot read properties of undefined');
      }
      return await authenticates(credentials);
    };

    const { code, out } = await fixture.run(['repair', 'orders', 'search', '--yes']);

    expect(code).toBe(1);
    expect(out).toContain('(unexpected)');
    expect(out).toContain('search: in order');
  });

  it('prints one document, with a report of each secret', async () => {
    addSecretWithUser(fixture, 'search');
    orders.store.storeByHand('orders-v2', documentOf(NEW_PASSWORD));

    const { code, document } = await fixture.runJson('repair', 'orders', 'search', '--yes');

    expect(code).toBe(0);
    expect(document).toMatchObject({
      command: 'repair',
      exitCode: 0,
      secrets: [
        { secret: 'orders', exitCode: 0, outcome: 'repaired' },
        { secret: 'search', exitCode: 0, outcome: 'in-order' },
      ],
    });
  });

  it.each([
    ['--version', 'orders-v1'],
    ['--users', 'a,b'],
  ])('is refused with %s, which is for one secret', async (...option) => {
    expect((await fixture.run(['repair', 'orders', 'search', ...option])).code).toBe(2);
  });
});

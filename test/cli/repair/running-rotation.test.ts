import { describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, afterFirstRemoval, leavePending } from '../support/repair-fixture.ts';
import { NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

const repair = ['repair', 'orders', '--yes'];

describe('repair beside a running rotation', () => {
  it('exits with 3 if the password changes to one that is not stored, because labels have moved', async () => {
    await leavePending(orders);
    afterFirstRemoval(orders, () => fixture.cluster.setByHand('app', 'Unknown!1'));

    const { code, document } = await fixture.runJson(...repair);

    expect([code, document.error.code]).toEqual([3, 'none-in-force']);
  });

  it('resets no password if a rotation sets one while the operator is asked', async () => {
    const { code, out } = await resetAsked(() => {
      void leavePending(orders);
      fixture.cluster.setByHand('app', NEW_PASSWORD);
    });

    expect(code).toBe(5);
    expect(out).toContain('(changed-meanwhile)');
    expect(fixture.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
    expect((await fixture.run(repair)).code).toBe(0);
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
  });
});

/**
 * The cluster rejects every stored password. Something happens at the first question of a reset.
 */
async function resetAsked(happen: () => void) {
  addAdmin(fixture);
  fixture.cluster.setByHand('app', 'Unknown!1');
  let questions = 0;
  const answer = () => {
    questions += 1;
    if (questions === 1) {
      happen();
    }
    return 'yes' as const;
  };
  return await fixture.run(['repair', 'orders', '--admin-secret', 'zilliz-admin'], { answer });
}

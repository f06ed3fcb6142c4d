import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, afterFirstRemoval, leavePending } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const repair = ['repair', 'orders', '--yes'];

describe('repair beside a running rotation', () => {
  it('plans again if the rotation sets its password before its AWSPENDING is removed', async () => {
    await leavePending(orders);
    afterFirstRemoval(orders, () => fixture.cluster.setByHand('app', NEW_PASSWORD));

    const { code, out } = await fixture.run(repair);

    expect(code).toBe(0);
    expect(out).toContain('orders: repaired. AWSCURRENT is version token-1');
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
  });

  it('exits with 3 if the password changes to one that is not stored, and says that labels have moved', async () => {
    await leavePending(orders);
    afterFirstRemoval(orders, () => fixture.cluster.setByHand('app', 'Unknown!1'));

    const { code, document } = await fixture.runJson(...repair);

    expect(code).toBe(3);
    expect(document.error.code).toBe('none-in-force');
    expect(document.error.message).toContain('Every step of the plan is done.');
    expect(JSON.stringify(document)).not.toContain('Nothing was changed');
  });

  it('stops after three plans if the password changes after each of them', async () => {
    await leavePending(orders);
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    const promote = orders.store.promote.bind(orders.store);
    const promoted: string[] = [];
    orders.store.promote = async (move) => {
      promoted.push(move.to);
      fixture.cluster.setByHand('app', move.to === 'token-1' ? OLD_PASSWORD : NEW_PASSWORD);
      return await promote(move);
    };

    const { code, document } = await fixture.runJson(...repair);

    expect(code).toBe(3);
    expect(document.error.code).toBe('changed-meanwhile');
    expect(promoted).toEqual(['token-1', 'orders-v1', 'token-1']);
  });

  it('resets no password if a rotation sets one while the operator is asked', async () => {
    const { code, questions } = await resetAsked(() => {
      void leavePending(orders);
      fixture.cluster.setByHand('app', NEW_PASSWORD);
    });

    expect(code).toBe(0);
    expect(fixture.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
    expect(questions).toBeGreaterThan(1);
  });

  it('plans again if a rotation starts while the operator is asked', async () => {
    const { code, out } = await resetAsked(() => void orders.store.startRotation('token-1'));

    expect(code).toBe(0);
    expect(out).toContain('Remove AWSPENDING from version token-1');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });
});

/** The cluster rejects every stored password. Something happens at the first question of a reset. */
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
  const end = await fixture.run(['repair', 'orders', '--admin-secret', 'zilliz-admin'], { isTTY: true, answer });
  return { ...end, questions };
}

describe('Ctrl-C during the examination', () => {
  it('ends repair with 130, and nothing has changed', async () => {
    await leavePending(orders);
    const { authenticates } = fixture.cluster;
    fixture.cluster.authenticates = async (credentials) => {
      fixture.interruption.abort();
      return await authenticates.call(fixture.cluster, credentials);
    };

    const { code, out } = await fixture.run(repair);

    expect(code).toBe(130);
    expect(out).toContain('(interrupted)');
    expect(orders.store.labelsOf('token-1')).toEqual([AWSPENDING, sentLabel('token-1')]);
    expect(orders.store.valueOf('token-1')).toBe(documentOf(NEW_PASSWORD));
  });
});

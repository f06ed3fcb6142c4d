import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, GENERATED_ID, leavePending } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('repair of an edited AWSCURRENT', () => {
  /**
   * setSecret changed the password. Then somebody stored another key together with the old
   * password.
   */
  beforeEach(async () => {
    await leavePending(orders);
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    orders.store.storeByHand('edited', documentOf(OLD_PASSWORD, { collection: 'orders' }));
  });

  it('stores the edited value with the accepted password, and makes it AWSCURRENT', async () => {
    // Storing removed AWSPENDING. The next attempt of Secrets Manager adds it again.
    await orders.store.addLabel({ label: AWSPENDING, to: 'token-1' });

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    const version = orders.store.holder(AWSCURRENT) ?? '';
    expect(code).toBe(0);
    expect(version).toMatch(GENERATED_ID);
    expect(document).toMatchObject({ outcome: 'repaired', currentVersionId: version });
    expect(orders.store.valueOf(version)).toBe(documentOf(NEW_PASSWORD, { collection: 'orders' }));
    expect(fixture.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
    expect(orders.store.labelsOf(version)).toContain(sentLabel(version));
    expect(orders.store.holder(AWSPREVIOUS)).toBe('edited');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    const changes = fixture.aws.calls.filter((call) => /^(put|promote|removeLabel) orders$/.test(call));
    expect(changes).toEqual(['put orders', 'promote orders', 'removeLabel orders']);
    expect((await fixture.run(['repair', 'orders', '--yes'])).out).toContain('orders: in order');
  });

  it('also removes AWSPENDING from the edited version, which is no longer AWSCURRENT', async () => {
    await orders.store.addLabel({ label: AWSPENDING, to: 'edited' });

    expect((await fixture.runJson('repair', 'orders', '--yes')).code).toBe(0);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(
      documentOf(NEW_PASSWORD, { collection: 'orders' }),
    );
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.labelsOf('edited')).toEqual(expect.arrayContaining([AWSPREVIOUS, sentLabel('edited')]));
  });

  it('promotes the accepted version itself if it differs only in the password', async () => {
    orders.store.storeByHand('same-again', documentOf(OLD_PASSWORD));

    expect((await fixture.runJson('repair', 'orders', '--yes')).code).toBe(0);
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
    expect(fixture.aws.calls).not.toContain('put orders');
  });

  /** Changes the cluster right after the edited value is stored. */
  const afterPut = (change: () => void) => () => {
    const put = orders.store.put.bind(orders.store);
    orders.store.put = async (version) => {
      change();
      return await put(version);
    };
  };

  it.each([
    ['somebody else moves AWSCURRENT', 5, 'changed-meanwhile', () => (orders.store.promote = async () => 'moved')],
    ['the password changes', 5, 'changed-meanwhile', afterPut(() => fixture.cluster.setByHand('app', 'Chang3d!'))],
    [
      'Ctrl-C ends the wait for slow proxies',
      130,
      'interrupted',
      afterPut(() => {
        fixture.cluster.setByHand('app', 'Chang3d!');
        fixture.interruption.abort();
      }),
    ],
    [
      'the cluster becomes unreachable',
      7,
      'changed-meanwhile',
      afterPut(() => {
        fixture.cluster.reachable = false;
      }),
    ],
  ])('changes no label if %s', async (_, expected, error, happen) => {
    const before = (await orders.store.describe()).versions;
    happen();

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(code).toBe(expected);
    expect(document.error.code).toBe(error);
    expect(fixture.aws.calls).toContain('put orders');
    expect((await orders.store.describe()).versions).toEqual(before);
  });
});

describe('a copy of the password that a rotation does not update', () => {
  beforeEach(async () => {
    const dsn = `host=milvus password=${OLD_PASSWORD}`;
    orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD, { dsn, nested: { dsn } }));
    await leavePending(orders);
  });

  it('is named in the plan of a repair that only moves labels, and is left after it', async () => {
    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect([code, document.error.code]).toEqual([3, 'stale-copies']);
    expect(document.plan).toContainEqual(expect.stringMatching(/orders-v2.* "dsn", "nested\.dsn"/));
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });

  it.each([
    ['from storing an edited value', NEW_PASSWORD, []],
    ['from a reset', 'Unknown!1', ['--admin-secret', 'zilliz-admin']],
  ])('keeps repair %s', async (_, accepted, options) => {
    fixture.cluster.setByHand('app', accepted);
    addAdmin(fixture);
    const before = (await orders.store.describe()).versions;

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes', ...options);

    expect([code, document.error.code]).toEqual([5, 'stale-copies']);
    expect(document.error.message).toMatch(/AWSCURRENT .*"dsn", "nested\.dsn"/);
    expect(fixture.aws.calls.filter((call) => call.endsWith('zilliz-admin'))).toEqual([]);
    expect(fixture.cluster.passwordOf('app')).toBe(accepted);
    expect((await orders.store.describe()).versions).toEqual(before);
  });
});

import { describe, expect, it } from 'vitest';
import { parseAnyEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const CURRENT = { endpoint: parseAnyEndpoint(ENDPOINT, { allowPlaintext: false }), username: 'app' };

describe('repair of labels', () => {
  it('says how to turn rotation on, if it is off', async () => {
    orders.store.storeByHand('edit', documentOf('Wrong!Pass1'));
    orders.store.rotationEnabled = false;

    const { document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(document.next).toContain('aws secretsmanager rotate-secret --secret-id orders --no-rotate-immediately');
  });

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

  it.each([
    ['rejected, and adds a sent label', [sentLabel('token-1')], () => leavePending(orders, [AWSPENDING])],
    [
      'not decrypted by AWS, and adds a sent label, because its password is not known',
      [sentLabel('token-1')],
      async () => {
        await leavePending(orders, [AWSPENDING]);
        orders.store.undecryptable.add('token-1');
      },
    ],
    [
      'a copy of AWSCURRENT',
      [],
      async () => {
        orders.store.startRotation('token-1');
        await orders.store.put({ versionId: 'token-1', value: documentOf(OLD_PASSWORD), labels: [AWSPENDING] });
      },
    ],
    ['empty', [], async () => void orders.store.startRotation('token-1')],
  ])('removes AWSPENDING from a version that is %s', async (_, labels, prepare) => {
    await prepare();

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(code).toBe(0);
    expect(document.next).toContain('zilliz-rotation rotate orders');
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    expect(orders.store.labelsOf('token-1')).toEqual(labels);
  });

  it('removes AWSPENDING from the former AWSCURRENT, which gets a sent label', async () => {
    await orders.store.addLabel({ label: AWSPENDING, to: 'orders-v1' });
    await orders.store.put({ versionId: 'sent', value: documentOf('Sent!Pass1'), labels: [sentLabel('sent')] });
    fixture.cluster.setByHand('app', 'Sent!Pass1');

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.labelsOf('orders-v1')).toEqual(expect.arrayContaining([sentLabel('orders-v1')]));
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });

  it('moves AWSCURRENT to a accepted stranded version, and removes AWSPENDING', async () => {
    orders.store.storeByHand('stranded', documentOf('Str4nded!'));
    orders.store.storeByHand('orders-v2', documentOf('NotThis!1'));
    orders.store.storeByHand('orders-v3', documentOf('NorThis!1'));
    await leavePending(orders);
    fixture.cluster.setByHand('app', 'Str4nded!');

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(code).toBe(0);
    expect(document).toEqual({
      command: 'repair',
      exitCode: 0,
      secret: 'orders',
      arn: orders.arn,
      outcome: 'repaired',
      plan: [
        expect.stringContaining('app'),
        expect.stringMatching(/AWSCURRENT.*orders-v3.*stranded/),
        expect.stringMatching(/AWSPENDING.*token-1/),
        expect.any(String),
      ],
      currentVersionId: 'stranded',
      error: null,
      notes: [],
      next: expect.stringContaining('zilliz-rotation rotate orders'),
    });
    expect(orders.store.holder(AWSCURRENT)).toBe('stranded');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
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

  it.each([
    ['unreachable', { reachable: false }, 7, '(undecided)'],
    ['without authorization, because it accepts every password', { authorization: false }, 3, '(authorization-off)'],
  ])('changes nothing if the cluster is %s', async (_, state, exitCode, text) => {
    await leavePending(orders);
    Object.assign(fixture.cluster, state);

    const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

    expect(code).toBe(exitCode);
    expect(out).toContain(text);
    expect(orders.store.holder(AWSPENDING)).toBe('token-1');
  });
});

import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD, successfulRotation } from '../support/rotations.ts';

useOrders();

describe('the login after a rotation', () => {
  it('leads to exit code 6 if the cluster rejects the new password', async () => {
    orders.rotate = (rotation) => {
      successfulRotation(fixture.cluster)(rotation);
      rotation.at(1800, () => fixture.cluster.setByHand('app', 'Som3body!Else'));
    };

    const { code, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(6);
    expect(out).toContain('rotated, but the cluster rejects the new password (login-rejected)');
  });

  it.each([
    ['cluster-unavailable', { reachable: false }],
    ['login-forbidden', { authenticates: async () => ({ kind: 'forbidden' }) }],
    ['authorization-off', { authorization: false }],
  ] as const)('leads to exit code 7 if it proves nothing: %s', async (expected, change) => {
    Object.assign(fixture.cluster, change);

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(7);
    expect(document.secrets[0].error.code).toBe(expected);
  });

  it('is not tried if the new version names another host, which leads to exit code 7', async () => {
    const elsewhere = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
    orders.rotate = successfulRotation(fixture.cluster, documentOf(NEW_PASSWORD, { endpoint: elsewhere }));

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(7);
    expect(document.secrets[0].error.code).toBe('other-user');
    expect(fixture.cluster.received).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD, successfulRotation } from '../support/rotations.ts';

useOrders();

describe('the login after a rotation', () => {
  it('leads to exit code 7 if the cluster forbids the user to describe itself', async () => {
    fixture.cluster.authenticates = async () => ({ kind: 'forbidden' });

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(7);
    expect(document.secrets[0].error.code).toBe('login-forbidden');
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

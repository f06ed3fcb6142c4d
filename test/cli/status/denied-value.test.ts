import { beforeEach, describe, expect, it } from 'vitest';
import { OFF_ON_PURPOSE } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';

useOrders();

beforeEach(() => {
  fixture.aws.failing.set('read', 'access-denied');
});

describe('status of a secret whose value is denied', () => {
  it('reports what DescribeSecret shows, beside the error', async () => {
    orders.nextRotationAt = fixture.clock.now() - 1;

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(3);
    expect(document.secrets).toMatchObject([
      {
        arn: orders.arn,
        error: { message: expect.stringContaining('access-denied') },
        findings: [{ code: 'overdue' }],
      },
    ]);
  });

  it('exits with 5 beside a notice', async () => {
    Object.assign(orders.store.tags, { [OFF_ON_PURPOSE.key]: OFF_ON_PURPOSE.value });
    orders.store.rotationEnabled = false;

    expect((await fixture.run(['status', 'orders'])).code).toBe(5);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
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
    const { out } = await fixture.run(['status', 'orders', '--format', 'table']);
    expect(out).toContain('  problem    -           overdue     orders  access-denied, overdue\n');
  });

  it('exits with 5 unless --fail-on names a finding', async () => {
    orders.store.rotationEnabled = false;

    expect((await fixture.run(['status', 'orders'])).code).toBe(5);
    expect((await fixture.run(['status', 'orders', '--fail-on', 'overdue,rotation-off'])).code).toBe(3);
  });
});

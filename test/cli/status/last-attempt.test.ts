import { beforeEach, describe, expect, it } from 'vitest';
import { fixture, orders, TOKEN, useOrders } from '../support/orders-fixture.ts';
import { attemptAndFail, FORBIDDEN, successfulRotation } from '../support/rotations.ts';

useOrders();

describe('the last failed attempt', () => {
  beforeEach(async () => {
    orders.rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    fixture.aws.startBySchedule('orders', TOKEN);
    await fixture.clock.sleep(10_000, new AbortController().signal);
  });

  it('is not shown after a rotation that succeeded, although the log does not show it yet', async () => {
    await fixture.run(['repair', 'orders', '--yes']);
    const { length } = orders.lines;
    orders.rotate = successfulRotation(fixture.cluster);
    await fixture.run(['rotate', 'orders']);
    await fixture.clock.sleep(10_000, new AbortController().signal);
    orders.lines.splice(length);

    expect((await fixture.runJson('status', 'orders')).document.secrets[0].findings).toEqual([]);
  });

  it('is not known if the log cannot be read, and a note says so', async () => {
    orders.logError = 'access-denied';

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(0);
    expect(document.secrets[0].notes).toHaveLength(1);
  });

  it('is read once for all secrets of a function', async () => {
    await fixture.run(['status', 'orders', 'orders', orders.arn]);

    expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
  });
});

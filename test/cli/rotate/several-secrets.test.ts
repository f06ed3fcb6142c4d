import { beforeEach, describe, expect, it } from 'vitest';
import { addSecretWithUser, fixture, useOrders } from '../support/orders-fixture.ts';
import { attemptAndFail, FORBIDDEN } from '../support/rotations.ts';

useOrders();

describe('rotate with several secrets', () => {
  beforeEach(() => {
    for (const name of ['invoices', 'search']) {
      addSecretWithUser(fixture, name);
    }
  });

  it('rotates at most --concurrency secrets at a time', async () => {
    await fixture.run(['rotate', 'orders', 'invoices', '--concurrency', '1']);

    const calls = fixture.aws.calls.filter((call) => /^(RotateSecret|read) \w+$/.test(call));
    // Before the first rotation, the command compares the users of both.
    expect(calls.slice(0, 2).toSorted()).toEqual(['read invoices', 'read orders']);
    expect(calls.slice(2)).toEqual([
      ...['read orders', 'RotateSecret orders', 'read orders'],
      ...['read invoices', 'RotateSecret invoices', 'read invoices'],
    ]);
  });

  it('reads the log at most four times a second', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
    for (const name of names) {
      addSecretWithUser(fixture, name);
      fixture.aws.secret(name).rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    }
    const began = fixture.clock.now();

    const { code } = await fixture.run(['rotate', ...names, '--concurrency', '40']);

    const reads = fixture.aws.calls.filter((call) => call === 'FilterLogEvents').length;
    expect(code).toBe(3);
    expect(reads).toBeGreaterThanOrEqual(names.length);
    expect(reads).toBeLessThanOrEqual(((fixture.clock.now() - began) / 1000) * 4 + 2);
  });
});

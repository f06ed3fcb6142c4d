import { describe, expect, it } from 'vitest';
import { fixture, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('a secret whose password another secret has changed', () => {
  it.each([['status'], ['repair']])('leads to the other secret and not to --admin-secret: %s', async (command) => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    fixture.cluster.setByHand('app', NEW_PASSWORD);

    const { code, out } = await fixture.run([command, 'orders']);

    expect(code).toBe(3);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toContain('zilliz-rotation status orders copy');
    expect(text).not.toMatch(/repair orders --admin-secret/);
  });

  it('is compared only if no stored password is accepted', async () => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    await fixture.run(['status', 'orders']);
    expect(fixture.aws.calls).not.toContain('ListSecrets');
  });
});

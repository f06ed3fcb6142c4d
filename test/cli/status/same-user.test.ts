import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('a secret whose password another secret has changed', () => {
  it.each([['status'], ['repair']])('leads to the other secret and not to --admin-secret: %s', async (command) => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    fixture.cluster.setByHand('app', NEW_PASSWORD);

    const { code, out } = await fixture.run([command, 'orders']);

    expect(code).toBe(3);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toContain('copy holds the same user, so a rotation of copy has probably changed the password.');
    expect(text).toContain('zilliz-rotation status orders copy');
    expect(text).toContain('docs/operations.md#two-secrets-for-one-user');
    expect(text).not.toMatch(/repair orders --admin-secret|outside this secret/);
  });

  it('is compared only if no stored password is accepted', async () => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    await fixture.run(['status', 'orders']);
    expect(fixture.aws.calls).not.toContain('ListSecrets');
  });

  it('says what could not be compared, and leads to the admin', async () => {
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    fixture.aws.failing.set('ListSecrets', 'access-denied');

    const { document } = await fixture.runJson('status', orders.name);

    expect(document.secrets[0].notes).toEqual([expect.stringContaining('the secrets could not be listed')]);
    expect(document.secrets[0].findings[0].advice).toContain('--admin-secret');
  });
});

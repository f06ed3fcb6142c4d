import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, beforeLogin } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

/** createSecret and setSecret of a rotation. */
async function setPendingPassword(token: string): Promise<void> {
  orders.store.startRotation(token);
  const version = { versionId: token, value: documentOf(NEW_PASSWORD), labels: [AWSPENDING, sentLabel(token)] };
  await orders.store.put(version);
  fixture.cluster.setByHand('app', NEW_PASSWORD);
}

describe('the examination of a secret whose rotation runs', () => {
  it.each([
    ['has not started', () => undefined],
    ['has not stored its password', () => void orders.store.startRotation('token-1')],
  ])('finds the pending version although the rotation %s when the command reads the secret', async (_, prepare) => {
    prepare();
    beforeLogin(fixture, 1, () => setPendingPassword('token-1'));

    const { code, document } = await fixture.runJson('status', 'orders');
    const [secret] = document.secrets;

    expect(code).toBe(3);
    expect(secret.inForce).toEqual({ versionId: 'token-1', stage: 'pending' });
    expect(secret.findings.map((finding: { code: string }) => finding.code)).toEqual([
      'current-not-in-force',
      'rotation-incomplete',
    ]);
  });

  it('reads the labels again if the rotation ends while versions are tried', async () => {
    beforeLogin(fixture, 1, async () => {
      await setPendingPassword('token-1');
      await orders.store.promote({ to: 'token-1', from: 'orders-v1' });
    });

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(0);
    expect(document.secrets[0].inForce).toEqual({ versionId: 'token-1', stage: 'current' });
  });

  it('does not reset a password that a rotation has set while versions were tried', async () => {
    addAdmin(fixture);
    beforeLogin(fixture, 1, () => setPendingPassword('token-1'));

    const { code } = await fixture.run(['repair', 'orders', '--admin-secret', 'zilliz-admin', '--yes']);

    expect(code).toBe(0);
    expect(fixture.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
  });
});

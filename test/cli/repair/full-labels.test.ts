import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { addOwnLabels, addSentVersions, beforeLogin, leavePending } from '../support/repair-fixture.ts';
import { documentOf, OLD_PASSWORD } from '../support/rotations.ts';

let fixture: Fixture;
let orders: FakeSecret;

beforeEach(() => {
  fixture = createFixture();
  fixture.cluster.addUser('app', OLD_PASSWORD);
  orders = fixture.aws.add('orders', documentOf('Older!Pass1'));
});

/** Stores the accepted password after the versions with a sent label, which are obsolete then. */
async function storeAccepted(sentVersions: number): Promise<void> {
  await addSentVersions(orders, sentVersions);
  orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD));
}

async function sentVersionsLeft(): Promise<readonly string[]> {
  const { versions } = await orders.store.describe();
  return versions.filter(({ versionId, labels }) => labels.includes(sentLabel(versionId))).map((v) => v.versionId);
}

describe('a secret whose labels are used up', () => {
  it.each([
    ['obsolete sent labels', () => storeAccepted(9)],
    [
      'a password that the next rotation uses again',
      async () => {
        orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD));
        await addSentVersions(orders, 9);
      },
    ],
  ])('is in order with %s, because the rotation itself makes room', async (_, store) => {
    await store();
    await addOwnLabels(orders, 8);

    const status = await fixture.runJson('status', 'orders');
    expect(JSON.stringify(status.document)).not.toContain('"code":"labels-full"');
    expect((await fixture.run(['repair', 'orders', '--yes'])).out).toContain('orders: in order');
    expect(await sentVersionsLeft()).toHaveLength(9);
  });

  it('needs an own label of the owner less if RotateSecret cannot add AWSPENDING', async () => {
    await storeAccepted(2);
    await addOwnLabels(orders, 15);
    expect((await fixture.run(['status', 'orders'])).code).toBe(0);
    await orders.store.addLabel({ label: 'owner-16', to: 'orders-v2' });

    const { code, out } = await fixture.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('(labels-full)');
    expect((await fixture.run(['rotate', 'orders'])).code).not.toBe(0);
  });

  it('gets room for the sent label that the repair itself adds to the pending version', async () => {
    await storeAccepted(5);
    await leavePending(orders, [AWSPENDING]);
    await addOwnLabels(orders, 12);

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(await sentVersionsLeft()).toEqual(['sent-2', 'sent-3', 'sent-4', 'sent-5', 'token-1']);
  });

  it('gets room before the repair stores an edited value with the accepted password', async () => {
    await storeAccepted(9);
    await addOwnLabels(orders, 8);
    orders.store.storeByHand('edited', documentOf('Wrong!Pass1', { collection: 'orders' }));

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    const changes = fixture.aws.calls.filter((call) => /^(put|promote|removeLabel) orders$/.test(call));
    expect(changes.slice(0, 2)).toEqual(['removeLabel orders', 'put orders']);
    expect(orders.store.labelsOf('sent-1')).toEqual([]);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(
      documentOf(OLD_PASSWORD, { collection: 'orders' }),
    );
  });

  it('keeps all labels if the password has changed before the repair removes one', async () => {
    await storeAccepted(9);
    await addOwnLabels(orders, 8);
    orders.store.storeByHand('edited', documentOf('Wrong!Pass1', { collection: 'orders' }));
    const before = (await orders.store.describe()).versions;
    // The first two logins are of the search.
    beforeLogin(fixture, 3, () => fixture.cluster.setByHand('app', 'Chang3d!'));

    const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

    expect(code).toBe(5);
    expect(out).toContain('(changed-meanwhile)');
    expect((await orders.store.describe()).versions).toEqual(before);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { addAdmin, addOwnLabels, addSentVersions, beforeLogin, leavePending } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

let fixture: Fixture;
let orders: FakeSecret;

/** AWSCURRENT is `orders-v2` and in force. AWSPREVIOUS is `orders-v1`. */
beforeEach(() => {
  fixture = createFixture();
  fixture.cluster.addUser('app', OLD_PASSWORD);
  orders = fixture.aws.add('orders', documentOf('Older!Pass1'));
  orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD));
});

/** RotateSecret and createSecret of the rotation function. */
async function createNextVersion(versionId: string): Promise<unknown> {
  expect(orders.store.startRotation(versionId)).toBe(true);
  const labels = [AWSPENDING, sentLabel(versionId)];
  return await orders.store.put({ versionId, value: documentOf(NEW_PASSWORD), labels });
}

async function labelsFullFinding(): Promise<{ severity: string; advice: string } | undefined> {
  const { document } = await fixture.runJson('status', 'orders');
  return document.secrets[0].findings.find(({ code }: { code: string }) => code === 'labels-full');
}

async function sentVersionsLeft(): Promise<readonly string[]> {
  const { versions } = await orders.store.describe();
  return versions.filter(({ versionId, labels }) => labels.includes(sentLabel(versionId))).map((v) => v.versionId);
}

describe('a secret whose labels are used up', () => {
  it('starts no rotation, and starts one after the repair that status advises', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    await expect(createNextVersion('refused')).rejects.toThrow('LimitExceededException');

    const finding = await labelsFullFinding();
    expect(finding?.severity).toBe('problem');
    const [, advised = ''] = /`zilliz-rotation ([^`]+)`/.exec(finding?.advice ?? '') ?? [];
    expect(advised).toBe('repair orders');
    const { code, document } = await fixture.runJson(...advised.split(' '), '--yes');

    expect(code).toBe(0);
    expect(document.plan).toEqual([
      `Remove the label ${sentLabel('sent-1')} from a version without the password in force, so that the next rotation has room for its label`,
      'Remove AWSPENDING from version refused, so that a rotation can start',
      expect.stringContaining('If a rotation is running now'),
    ]);
    expect(await sentVersionsLeft()).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((index) => `sent-${index}`));
    expect(await createNextVersion('next')).toBe('stored');
  });

  it('loses the sent labels of the oldest versions, as many as its next rotation needs', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    const createdAt = new Map((await orders.store.list()).map((version) => [version.versionId, version.createdAt]));
    orders.store.list = async () =>
      [...createdAt].map(([versionId, time]) => ({
        versionId,
        labels: orders.store.labelsOf(versionId),
        createdAt: versionId === 'sent-5' ? 0 : time,
      }));

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(await sentVersionsLeft()).not.toContain('sent-5');
    expect(await sentVersionsLeft()).toHaveLength(8);
    expect(await labelsFullFinding()).toBeUndefined();
    expect((await fixture.run(['repair', 'orders', '--yes'])).out).toContain('orders: in order');
  });

  it('loses a sent label that another version had before', async () => {
    const value = documentOf('Sent!Pass1');
    await orders.store.put({ versionId: 'reused', value, labels: [sentLabel('sent-1')] });
    await addOwnLabels(orders, 16);

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.labelsOf('reused')).toEqual([]);
  });

  it('keeps the sent labels of other users, other hosts, denied versions and the password in force', async () => {
    const values = [
      documentOf('Sent!Pass1', { username: 'other', token: 'other:Sent!Pass1' }),
      documentOf('Sent!Pass2', { endpoint: 'https://in01-x.vectordb.zillizcloud.com' }),
      documentOf('Sent!Pass3', { endpoint: 'https://milvus.example.com' }),
      documentOf('Undecryptable!1'),
      documentOf(OLD_PASSWORD),
      '{no credential',
      documentOf('Sent!Pass7'),
    ];
    await addSentVersions(orders, values.length, (index) => values[index - 1] ?? '');
    orders.store.undecryptable.add('sent-4');
    await addOwnLabels(orders, 10);

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(await sentVersionsLeft()).toEqual(['sent-1', 'sent-2', 'sent-3', 'sent-4', 'sent-5', 'sent-6']);
    await addOwnLabels(orders, 11);
    expect((await labelsFullFinding())?.advice).toContain('`zilliz-rotation repair orders`');
    const { document } = await fixture.runJson('repair', 'orders', '--yes');
    expect(document.plan).toEqual([
      `Remove the label ${sentLabel('sent-6')} from a version without the password in force, so that the next rotation has room for its label`,
    ]);
    expect(await sentVersionsLeft()).toEqual(['sent-1', 'sent-2', 'sent-3', 'sent-4', 'sent-5']);
  });

  it('keeps the sent label of the pending version, whose password may be on its way to the cluster', async () => {
    await leavePending(orders);
    await addSentVersions(orders, 1);
    await addOwnLabels(orders, 15);

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(await sentVersionsLeft()).toEqual(['token-1']);
    expect(await createNextVersion('next')).toBe('stored');
  });

  it('has room for the sent label that the repair itself adds to the pending version', async () => {
    await leavePending(orders, [AWSPENDING]);
    await addSentVersions(orders, 5);
    await addOwnLabels(orders, 12);

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(await sentVersionsLeft()).toEqual(['token-1', 'sent-3', 'sent-4', 'sent-5']);
    expect(await createNextVersion('next')).toBe('stored');
  });

  it('needs labels of the owner to be removed if there are no sent labels to remove', async () => {
    await addOwnLabels(orders, 17);
    await expect(createNextVersion('refused')).rejects.toThrow('LimitExceededException');
    orders.store.removePendingByHand();

    expect((await labelsFullFinding())?.advice).toMatch(/^Remove 2 of your own labels with `aws secretsmanager/);
    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');
    expect(code).toBe(3);
    expect(document.error.code).toBe('labels-full');
    expect(document.error.advice).toMatch(/^Nothing was changed\. Remove 2 of your own labels/);

    await orders.store.removeLabel({ label: 'owner-1', from: 'orders-v2' });
    await orders.store.removeLabel({ label: 'owner-2', from: 'orders-v2' });
    expect(await createNextVersion('next')).toBe('stored');
    expect(await labelsFullFinding()).toBeUndefined();
  });

  it('keeps all labels if the password has changed before the repair removes one', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    const before = (await orders.store.describe()).versions;
    // The first two logins are of the search.
    beforeLogin(fixture, 3, () => fixture.cluster.setByHand('app', 'Chang3d!'));

    const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

    expect(code).toBe(5);
    expect(out).toContain('(changed-meanwhile)');
    expect((await orders.store.describe()).versions).toEqual(before);
  });

  it('does not stop the repair if somebody else has removed a sent label', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    orders.store.removeLabel = async () => 'moved';

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
  });

  it('gets AWSCURRENT on the password in force first, and then room', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    fixture.cluster.setByHand('app', 'Sent!Pass3');

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(code).toBe(0);
    expect(document.plan).toEqual([
      expect.stringContaining('Move AWSCURRENT from version orders-v2 to version sent-3'),
      expect.stringContaining(`Remove the label ${sentLabel('sent-1')}`),
    ]);
    expect(orders.store.holder(AWSCURRENT)).toBe('sent-3');
    expect(await createNextVersion('next')).toBe('stored');
  });

  it('gets room before the repair stores an edited value with the password in force', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    orders.store.storeByHand('edited', documentOf('Wrong!Pass1', { collection: 'orders' }));

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect(code).toBe(0);
    expect(document.plan.slice(0, 3)).toEqual([
      expect.stringContaining(`Remove the label ${sentLabel('sent-1')}`),
      expect.stringContaining(`Remove the label ${sentLabel('sent-2')}`),
      expect.stringContaining('Store a new version with the edited value'),
    ]);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(
      documentOf(OLD_PASSWORD, { collection: 'orders' }),
    );
    expect(await createNextVersion('next')).toBe('stored');
  });

  it('keeps an edit although the next rotation gets no room', async () => {
    await addSentVersions(orders, 1);
    await addOwnLabels(orders, 16);
    orders.store.storeByHand('edited', documentOf('Wrong!Pass1', { collection: 'orders' }));

    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(
      documentOf(OLD_PASSWORD, { collection: 'orders' }),
    );
    expect((await labelsFullFinding())?.advice).toMatch(/^Remove one of your own labels/);
  });

  it('keeps its sent labels if no stored password is in force, and the reset says what to remove', async () => {
    await addSentVersions(orders, 9);
    await addOwnLabels(orders, 8);
    fixture.cluster.setByHand('app', 'Unknown!1');
    addAdmin(fixture);
    await orders.store.addLabel({ label: AWSPENDING, to: 'orders-v2' });

    expect((await labelsFullFinding())?.advice).toContain('Remove one of your own labels');
    const { code, out } = await fixture.run(['repair', 'orders', '--yes', '--admin-secret', 'zilliz-admin']);

    expect(code).toBe(3);
    expect(out).toContain('(LimitExceededException)');
    expect(out).toContain('Remove a staging label of your own from the secret');
    expect(fixture.cluster.passwordOf('app')).toBe('Unknown!1');
    expect(await sentVersionsLeft()).toHaveLength(9);
  });
});

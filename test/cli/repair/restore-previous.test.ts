import { describe, expect, it } from 'vitest';
import { formatSecretTargets, type SecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { beforeLogin, leavePending } from '../support/repair-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const restore = ['repair', 'orders', '--restore-previous', '--yes'];

function pin(target: SecretTargets[string]): void {
  fixture.aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: target });
}

const EDITS: ReadonlyArray<readonly [name: string, document: string]> = [
  ['no credential', 'garbage without a colon'],
  ['broken JSON', '{"username": '],
  ['another user', documentOfUser('apq', OLD_PASSWORD)],
  ['a host that is not allowed', documentOf(OLD_PASSWORD, { endpoint: 'https://milvus.example.com' })],
  ['another allowed host', documentOf(OLD_PASSWORD, { endpoint: 'https://in01-x.vectordb.zillizcloud.com' })],
];

describe('after an edit that stored', () => {
  it.each(EDITS)('%s, status and repair advise a repair that restores AWSPREVIOUS', async (_, document) => {
    orders.store.storeByHand('edit', document);

    const before = await fixture.run(['status', 'orders']);
    const [, line = ''] = /`zilliz-rotation (repair orders[^`]*)`/.exec(before.out) ?? [];
    const without = await fixture.run(['repair', 'orders', '--yes']);
    const { code, document: report } = await fixture.runJson(...line.split(' '), '--yes');

    expect(line).toBe('repair orders --restore-previous');
    expect([3, 7]).toContain(without.code);
    expect(without.out).toContain(`zilliz-rotation ${line}`);
    expect(before.out).toContain(`to app at ${ENDPOINT} with`);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      outcome: 'repaired',
      currentVersionId: 'orders-v1',
      found: { currentVersionId: 'edit', inForce: { versionId: 'orders-v1', stage: 'previous' } },
    });
    expect(report.plan).toEqual([
      expect.stringContaining('Log in as app'),
      'Move AWSCURRENT from version edit to version orders-v1, which the cluster accepts',
      `AWSCURRENT then names app at ${ENDPOINT}. The value of version edit becomes AWSPREVIOUS`,
    ]);
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    expect(orders.store.holder(AWSPREVIOUS)).toBe('edit');
    expect((await fixture.run(['status', 'orders'])).code).toBe(0);
    expect(fixture.cluster.requestedHosts).not.toContain('milvus.example.com');
  });
});

describe('repair --restore-previous', () => {
  it('moves AWSCURRENT to the pending version if a rotation has set its password before the edit', async () => {
    await leavePending(orders);
    fixture.cluster.setByHand('app', NEW_PASSWORD);
    orders.store.storeByHand('edit', 'garbage');

    expect((await fixture.run(restore)).code).toBe(0);

    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
    expect(orders.store.labelsOf('token-1')).toContain(sentLabel('token-1'));
  });

  it('removes the AWSPENDING of a rotation that fails because of the edit, and keeps every sent label', async () => {
    await orders.store.addLabel({ label: sentLabel('orders-v1'), to: 'orders-v1' });
    orders.store.storeByHand('edit', 'garbage');
    orders.store.startRotation('token-1');

    expect((await fixture.run(restore)).code).toBe(0);

    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.labelsOf('orders-v1')).toEqual([AWSCURRENT, sentLabel('orders-v1')]);
    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);
  });

  it.each([
    ['no stored password is accepted', 3, 'version-rejected', () => fixture.cluster.setByHand('app', 'Unknown!1')],
    [
      'AWSPREVIOUS is no credential either',
      5,
      'version-unusable',
      () => orders.store.storeByHand('previous', 'garbage'),
    ],
    [
      'AWSPREVIOUS names a host that is not allowed',
      5,
      'version-unusable',
      () => orders.store.storeByHand('foreign', documentOf('Foreign!1', { endpoint: 'https://milvus.example.com' })),
    ],
    ['the cluster is unreachable', 7, 'undecided', () => Object.assign(fixture.cluster, { reachable: false })],
    ['authorization is off', 3, 'authorization-off', () => Object.assign(fixture.cluster, { authorization: false })],
    ['the configuration pins another user', 5, 'version-unusable', () => pin({ username: 'other' })],
    [
      'the configuration pins another host',
      5,
      'version-unusable',
      () => pin({ endpoint: 'https://in01-x.vectordb.zillizcloud.com' }),
    ],
  ])('changes nothing if %s', async (_, expected, reason, prepare) => {
    prepare();
    orders.store.storeByHand('edit', 'garbage');
    const before = (await orders.store.describe()).versions;

    const { code, document } = await fixture.runJson(...restore);

    expect(code).toBe(expected);
    expect(document.error.code).toBe(reason);
    expect((await orders.store.describe()).versions).toEqual(before);
    expect(fixture.cluster.requestedHosts).not.toContain('milvus.example.com');
  });

  it('is not needed if AWSCURRENT is accepted for the same user', async () => {
    orders.store.storeByHand('new-note', documentOf(OLD_PASSWORD, { note: 'added' }));

    expect((await fixture.run(restore)).out).toContain('(not-needed)');
    expect(orders.store.holder(AWSCURRENT)).toBe('new-note');
  });

  it('moves AWSCURRENT back from a valid credential of another user, which the plan names', async () => {
    fixture.cluster.addUser('root', 'Root!Pass1');
    orders.store.storeByHand('edit', documentOfUser('root', 'Root!Pass1'));

    expect((await fixture.run(restore)).code).toBe(0);
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
  });

  it.each([
    ['the password changes', 'edit', () => fixture.cluster.setByHand('app', 'Chang3d!')],
    ['somebody stores a value', 'corrected', () => orders.store.storeByHand('corrected', documentOf(OLD_PASSWORD))],
  ])('moves no label if %s before the second login', async (_, current, happen) => {
    orders.store.storeByHand('edit', 'garbage');
    beforeLogin(fixture, 3, happen);

    expect((await fixture.run(restore)).out).toContain('(changed-meanwhile)');
    expect(orders.store.holder(AWSCURRENT)).toBe(current);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPREVIOUS, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, USER } from '../../support/rotation-world.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addOwnLabels, addSentVersions } from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD } from '../support/rotations.ts';
import { SECRET, secret, startWorld, world } from '../support/secret-fixture.ts';
import { block } from '../support/state-world.ts';

useOrders();

describe('a version that logs in and has no label of AWS', () => {
  beforeEach(() => {
    fixture.cluster.addUser('search', NEW_PASSWORD);
    orders.store.storeByHand('search', documentOf(NEW_PASSWORD, { username: 'search' }));
    for (const edit of ['edit-1', 'edit-2']) {
      orders.store.storeByHand(edit, 'garbage');
    }
  });

  it('is named for each user', async () => {
    const { out } = await fixture.run(['status', 'orders']);

    expect(out).toContain('repair orders --version orders-v1');
    expect(out).toContain('repair orders --version search');
  });

  it('is neither tried nor named for a user that the configuration does not pin', async () => {
    fixture.aws.environment['SECRET_TARGETS'] = formatPins({ orders: { username: 'app' } });
    const { out } = await fixture.run(['status', 'orders']);

    expect(out).toContain('repair orders --version orders-v1');
    expect(out).not.toContain('--version search');
    expect(out).toContain(`: skipped, the version is for another user at ${ENDPOINT}`);
    expect(fixture.cluster.received.map(({ username }) => username)).not.toContain('search');
  });
});

describe('repair --version', () => {
  it.each([
    ['holds no value', 5, 'no-such-version', 'nobody'],
    ['holds no credential', 5, 'version-unusable', 'edit-1'],
    ['holds a password that the cluster rejects', 3, 'version-rejected', 'wrong'],
    ['is AWSCURRENT already', 5, 'not-needed', 'orders-v1'],
    ['holds a password about which the cluster says nothing', 7, 'undecided', 'silent'],
  ])('changes nothing if the version %s', async (_, exitCode, reason, version) => {
    await orders.store.put({ versionId: 'edit-1', value: 'garbage', labels: [] });
    await orders.store.put({ versionId: 'wrong', value: documentOf(NEW_PASSWORD), labels: [] });
    await orders.store.put({ versionId: 'silent', value: documentOf('Silent!Pass1'), labels: [] });
    replace(fixture.cluster, 'authenticates', (authenticates) => async (credentials) => {
      return credentials.password === 'Silent!Pass1' ? { kind: 'forbidden' } : await authenticates(credentials);
    });

    expect(await fixture.fail('repair', 'orders', '--version', version, '--yes')).toBe(`${exitCode} ${reason}`);
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
  });

  it('is interrupted after Ctrl-C at its login, and does not say that the cluster rejects the version', async () => {
    await orders.store.put({ versionId: 'wrong', value: documentOf(NEW_PASSWORD), labels: [] });
    replace(fixture.cluster, 'authenticates', (authenticates) => async (credentials) => {
      if (credentials.password === NEW_PASSWORD) {
        fixture.interruption.abort();
      }
      return await authenticates(credentials);
    });

    expect(await fixture.fail('repair', 'orders', '--version', 'wrong', '--yes')).toBe('130 interrupted');
  });

  it('moves AWSCURRENT to the other user of two, and labels the version of the user before it', async () => {
    const { run } = await startWorld('two');

    const { code } = await run(['repair', SECRET, '--version', 'v-second', '--yes']);

    expect([code, secret.store.holder(AWSCURRENT)]).toEqual([0, 'v-second']);
    expect([AWSPREVIOUS, sentLabel('v0')].map((label) => secret.store.holder(label))).toEqual(['v0', 'v0']);
  });

  it('keeps the sent label of the other user, whose version loses AWSPREVIOUS', async () => {
    const { run, fail } = await startWorld('two');
    const { store } = secret;
    await run(['rotate', SECRET]);
    const ofOther = store.holder(AWSCURRENT) ?? '';
    store.storeByHand('wrong', document('Wrong-password-1'));
    await block(world);
    await store.removeLabel({ label: sentLabel('token-1'), from: 'token-1' });
    await addOwnLabels(secret, 15);

    expect(await fail('repair', SECRET, '--version', 'v0', '--yes')).toBe('3 labels-full');
    expect(store.labelsOf(ofOther)).toContain(sentLabel(ofOther));
  });

  it.each(['one', 'two'] as const)(
    'removes obsolete labels of the user in the version to make room (%s)',
    async (users) => {
      await startWorld(users);
      const { store } = secret;
      const full = users === 'one' ? 16 : 15;
      await addSentVersions(secret, full, (index) => document(`Sent-before-${index}`));
      world.clock.advance(1000);
      world.cluster.setByHand(USER, 'Valid-password-1');
      for (const name of ['Valid', 'Wrong', 'Typo']) {
        store.storeByHand(name, document(`${name}-password-1`));
      }
      store.startRotation('token-1');
      await store.put({ versionId: 'token-1', value: document('Sent-password-1'), labels: [] });
      await addOwnLabels(secret, 20 - store.versionIds.flatMap((id) => store.labelsOf(id)).length);

      const { code, out } = await world.run(['repair', SECRET, '--version', 'Valid', '--yes']);

      expect([code, store.holder(AWSCURRENT)], out).toEqual([0, 'Valid']);
      expect(store.labelsOf('sent-1')).toEqual([]);
    },
  );
});

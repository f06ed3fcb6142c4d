import { beforeEach, describe, expect, it } from 'vitest';
import { keyDescription, keyName } from '../../../../protocol/keys/rotated-key.ts';
import { revocationToken, tokenWithoutGap } from '../../../../protocol/rotation/strategies/minimum-gap.ts';
import { MAX_VALUE_BYTES } from '../../../../protocol/secret/document.ts';
import type { SecretStore } from '../../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../../protocol/secret/versions.ts';
import { KeyWorld, keyDocument, SCOPE } from '../../../support/key-world.ts';
import { document, ENDPOINT } from '../../../support/rotation-world.ts';

const HOUR_MS = 3_600_000;
let world: KeyWorld;

/** The control plane shows new keys late. */
function showFirstKeyOnly(): void {
  world.organization.shows = (keys) => keys.filter(({ id }) => id === world.first.id);
}

beforeEach(() => {
  world = new KeyWorld({ database: 'orders' });
});

describe('a rotation of an API key', () => {
  it('creates a key with the same scope, and leaves the replaced key valid', async () => {
    await world.rotate('t1');
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
    const [created] = (await world.organization.list()).filter(({ id }) => id === world.keyIdIn(AWSCURRENT));
    expect(created).toMatchObject({
      name: keyName(world.secret, 't1'),
      description: keyDescription(world.secret),
      scope: SCOPE,
    });
    expect(world.story).toContainEqual({ event: 'key-created', keyId: world.keyIdIn(AWSCURRENT) });
  });

  it('changes id, key and token of the document, and no other key', async () => {
    await world.rotate('t1');
    const { apiKeyId, apiKey, ...others } = world.documentOf('t1');
    expect(apiKeyId).not.toBe(world.first.id);
    expect(others).toEqual({ endpoint: ENDPOINT, token: apiKey, database: 'orders' });
  });

  it('changes no password on the cluster, and sends it no key but those of the secret', async () => {
    await world.rotate('t1');
    const known = world.organization.everyKey;
    const wrong = world.cluster.received.filter(({ password }) => !known.includes(password));
    expect(wrong.map(({ password }) => password)).toEqual(world.generated);
  });

  it('deletes the first key in the second rotation, after the minimum gap', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    await world.rotate('t1');
    world.now += 2 * HOUR_MS;
    await world.rotate('t2');
    expect(world.organization.accepts(world.first.key)).toBe(false);
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
    expect([world.secret.labelsOf('v0'), world.secret.labelsOf('t1')]).toEqual([[], [AWSPREVIOUS, sentLabel('t1')]]);
    expect(world.story.filter(({ event }) => event === 'label-retired')).toEqual([
      { event: 'label-retired', versionId: 'v0' },
    ]);
    expect(world.story.filter(({ event }) => event === 'label-kept')).toEqual([]);
    expect(world.story).toContainEqual({ event: 'key-deleted', keyId: world.first.id, why: 'replaced' });
  });

  it('keeps each replaced key while the minimum gap has not passed, and deletes them in a later rotation', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    await world.rotate('t1', 't2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    expect(world.story).toContainEqual({
      event: 'label-kept',
      versionId: 'v0',
      why: 'the minimum gap has not passed',
    });
    world.now += 2 * HOUR_MS;
    await world.rotate('t3');
    expect(await world.keyIds()).toEqual([world.keyIdIn(AWSPREVIOUS), world.keyIdIn(AWSCURRENT)].toSorted());
  });

  it('names the propagation time and the scope if the cluster still refuses the new key, and a retry completes', async () => {
    world.organization.delayMs = 60_000;
    world.now = 100_000;
    const advice = expect.stringMatching(/PROPAGATION_MS.*scope/);
    expect(await world.attempt('t1')).toMatchObject({ code: 'PENDING_REJECTED', accepted: 'current', advice });
    world.now += 60_000;
    expect(await world.attempt('t1')).toBe('succeeded');
  });

  it('passes the test that Secrets Manager makes with a copy of the current version', async () => {
    await world.secret.put({ versionId: 'copy', value: world.secret.valueOf('v0') ?? '', labels: [AWSPENDING] });
    expect(await world.step('testSecret', 'copy')).toBe('tested');
  });

  it('is refused by testSecret if the cluster accepts every key', async () => {
    world.cluster.authorization = false;
    expect(await world.attempt('t1')).toMatchObject({ code: 'AUTHORIZATION_OFF' });
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');
  });
});

it('finishSecret of a first rotation lists nothing, because no key is due', async () => {
  await world.runBefore('finishSecret');
  const called: string[] = [];
  const { list, addLabel } = world.secret;
  world.secret.list = async () => [called.push('list'), await list.call(world.secret)][1] as never;
  world.secret.addLabel = async (label) => void [called.push('addLabel'), await addLabel.call(world.secret, label)];
  expect(await world.step('finishSecret', 't1')).toBe('promoted');
  expect(called).toEqual([]);
});

it('a first rotation with a revocation deletes the key that it replaces', async () => {
  const ports = world.ports();
  world.secret.addLabel = () => Promise.resolve();
  world.secret.startRotation(revocationToken('1'));
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
    await world.step(step, revocationToken('1'), ports);
  }
  expect(world.organization.accepts(world.first.key)).toBe(false);
});

describe('a key that was replaced is never deleted', () => {
  it('if a kept version names it too', async () => {
    await world.rotate('t1');
    world.secret.storeByHand('back', keyDocument(world.first, { database: 'orders' }));
    await world.rotate('t2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    expect(world.keyIdIn(AWSPREVIOUS)).toBe(world.first.id);
  });

  it('if another owner created it', async () => {
    const other = world.organization.createByHand({ name: 'orders', description: 'of others', scope: SCOPE });
    await world.secret.put({ versionId: 'foreign', value: keyDocument(other), labels: [sentLabel('foreign')] });
    await world.rotate('t1', 't2');
    expect(world.organization.accepts(other.key)).toBe(true);
    expect(world.secret.labelsOf('foreign')).toEqual([]);
  });

  it('if it was in AWSCURRENT until a person moved the label back', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    for (const token of ['t1', 't2']) {
      await world.rotate(token);
      world.now += 24 * HOUR_MS;
    }
    const inUse = world.passwordIn(AWSCURRENT) ?? '';
    await world.secret.promote({ to: 't1', from: 't2' });
    world.secret.removePendingByHand();
    await world.rotate('t3');
    expect(world.organization.accepts(inUse)).toBe(true);
  });

  it('if it is the manager key', async () => {
    await world.rotate('t1');
    world.managerKey = world.first.key;
    await world.attempt('t2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
  });

  it('in silence if the configuration names another key meanwhile', async () => {
    await world.rotate('t1');
    world.pins = { endpoint: ENDPOINT, apiKeyId: 'another' };
    await world.rotate('t2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    expect(world.story).toContainEqual({ event: 'key-kept', keyId: world.first.id });
  });

  it('if its version cannot be read', async () => {
    await world.rotate('t1');
    world.secret.undecryptable.add('v0');
    expect(await world.attempt('t2')).toBe('succeeded');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    expect(world.secret.labelsOf('v0')).toContain(sentLabel('v0'));
  });
});

it('a failed deletion leaves its version to the next rotation, and no other', async () => {
  world.configure({ minimumGapMs: HOUR_MS });
  await world.rotate('t1', 't2');
  world.now += 2 * HOUR_MS;
  const { delete: deleteKey } = world.organization;
  const last = world.documentOf('t1')['apiKeyId'];
  world.organization.delete = (id) =>
    id === last ? Promise.reject(new Error('not now')) : deleteKey.call(world.organization, id);
  world.story.length = 0;
  await world.rotate('t3');
  expect(world.story.filter(({ event }) => event.startsWith('label-'))).toEqual([
    { event: 'label-retired', versionId: 'v0' },
    { event: 'label-kept', versionId: 't1', why: 'not now' },
  ]);
});

describe('after a leak', () => {
  it('a rotation with a revocation token deletes the replaced key at once', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    await world.rotate('t1');
    const leaked = world.passwordIn(AWSCURRENT) ?? '';
    await world.rotate(revocationToken('1'));
    expect(world.organization.accepts(leaked)).toBe(false);
    expect(world.organization.accepts(world.first.key)).toBe(false);
    expect(await world.keyIds()).toEqual([world.keyIdIn(AWSCURRENT)]);
    expect(world.story).toContainEqual(expect.objectContaining({ event: 'key-deleted', why: 'revoked' }));
  });

  it('a rotation without gap keeps the replaced key', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    await world.rotate('t1', tokenWithoutGap('1'));
    expect(world.logsIn(AWSPREVIOUS)).toBe(true);
    expect(world.organization.accepts(world.first.key)).toBe(false);
  });

  it('a revocation deletes older keys first, so that the end of the replaced key proves theirs', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    await world.rotate('t1');
    const replaced = world.passwordIn(AWSCURRENT) ?? '';
    const { delete: deleteKey } = world.organization;
    world.organization.delete = (id) =>
      id === world.first.id ? Promise.reject(new Error('not now')) : deleteKey.call(world.organization, id);
    // Secrets Manager lists versions in any order.
    const { describe: describeSecret } = world.secret;
    world.secret.describe = async () => {
      const description = await describeSecret.call(world.secret);
      return { ...description, versions: description.versions.toReversed() };
    };
    await world.rotate(revocationToken('1'));
    expect(world.organization.accepts(replaced)).toBe(true);
  });

  it('a killed revocation is completed by the next attempt of finishSecret', async () => {
    const token = revocationToken('1');
    await world.runBefore('finishSecret', token);
    await world.secret.promote({ to: token, from: 'v0' });
    expect(await world.step('finishSecret', token)).toBe('already-current');
    expect(world.organization.accepts(world.first.key)).toBe(false);
  });
});

describe('an orphan', () => {
  const orphan = (token: string): { id: string; key: string } =>
    world.organization.createByHand({
      name: keyName(world.secret, token),
      description: keyDescription(world.secret),
      scope: SCOPE,
    });

  it.each(['t1', 'an-earlier-rotation'])('of %s is deleted', async (token) => {
    const [one, two] = [orphan(token), orphan(token)];
    await world.rotate('t1');
    expect([one, two].map(({ key }) => world.organization.accepts(key))).toEqual([false, false]);
    const deleted = [one, two].map(({ id }) => ({ event: 'key-deleted', keyId: id, why: 'orphan' }));
    expect(world.story.filter(({ event }) => event === 'key-deleted')).toEqual(deleted);
    expect(await world.keyIds()).toEqual([world.first.id, world.keyIdIn(AWSCURRENT)].toSorted());
  });

  it('of this rotation stays until setSecret, because another invocation may be about to store it', async () => {
    const [ofThis, ofEarlier] = [orphan('t1'), orphan('an-earlier-rotation')];
    const accepted = () => [ofThis, ofEarlier].map(({ key }) => world.organization.accepts(key));
    await world.runBefore('setSecret');
    expect(accepted()).toEqual([true, false]);
    await world.step('setSecret', 't1');
    expect(accepted()).toEqual([false, false]);
  });

  it('of another rotation stays in setSecret, because that rotation may be about to store it', async () => {
    await world.runBefore('setSecret');
    const { key } = orphan('t2');
    await world.step('setSecret', 't1');
    expect(world.organization.accepts(key)).toBe(true);
  });

  it('of the next rotation stays if createSecret is late, because that rotation may be about to store it', async () => {
    const { list } = world.organization;
    let key = '';
    world.organization.list = async () => {
      world.organization.list = list;
      world.secret.removePendingByHand();
      world.secret.startRotation('t2');
      key = orphan('t2').key;
      return await world.organization.list();
    };
    world.secret.startRotation('t1');
    await world.step('createSecret', 't1').catch(() => undefined);
    expect(world.organization.accepts(key)).toBe(true);
  });

  it.each<[string, boolean, (key: { id: string; key: string }) => string]>([
    ['stays if a version names it', true, (key) => keyDocument(key)],
    ['stays if a version with another endpoint names it', true, (key) => keyDocument(key, { endpoint: 'https://old' })],
    ['stays if a version with another token names it', true, (key) => keyDocument(key, { token: 'other' })],
    ['stays if broken JSON names it', true, ({ id }) => `{"apiKeyId":"${id}",`],
    ['goes although a version holds broken JSON, which does not name it', false, () => '{"apiKeyId":"other",'],
  ])('%s', async (_, stays, valueNaming) => {
    const key = orphan('an-earlier-rotation');
    await world.secret.put({ versionId: 'backup', value: valueNaming(key), labels: ['owner'] });
    await world.rotate('t1');
    expect(world.organization.accepts(key.key)).toBe(stays);
  });

  it('stays if a version cannot be read, which may name it', async () => {
    const { key } = orphan('an-earlier-rotation');
    world.secret.storeByHand('edit-1', world.secret.valueOf('v0') ?? '');
    world.secret.storeByHand('edit-2', world.secret.valueOf('v0') ?? '');
    world.secret.undecryptable.add('v0');
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(world.organization.accepts(key)).toBe(true);
  });

  it('is not looked for among the versions of a healthy secret', async () => {
    await world.rotate('t1');
    world.secret.list = () => Promise.reject(new Error('listed'));
    await world.runBefore('setSecret', 't2');
    expect(world.secret.valueOf('t2')).toBeDefined();
  });

  it('is deleted at once if the new value is too large for Secrets Manager', async () => {
    const large = 'x'.repeat(MAX_VALUE_BYTES - Buffer.byteLength(world.secret.valueOf('v0') ?? '') - 30);
    world.secret.storeByHand('large', keyDocument(world.first, { database: 'orders', large }));
    world.organization.create = async (key) => {
      const created = world.organization.createByHand(key);
      return { ...created, key: created.key.padEnd(100, '0') };
    };
    expect(await world.attempt('t1')).toMatchObject({ code: 'CURRENT_INVALID' });
    expect(await world.keyIds()).toEqual([world.first.id]);
  });

  it('is deleted at once if another invocation stored a value first', async () => {
    const { put } = world.secret;
    world.secret.put = async (version) => {
      await put.call(world.secret, { ...version, value: keyDocument(orphan('t1'), { database: 'orders' }) });
      return await put.call(world.secret, version);
    };
    world.secret.startRotation('t1');
    expect(await world.step('createSecret', 't1')).toBe('already-created');
    expect(world.story).toContainEqual(expect.objectContaining({ event: 'key-deleted', why: 'orphan' }));
    expect(await world.keyIds()).toEqual([world.first.id, world.keyIdIn(AWSPENDING)].toSorted());
  });
});

describe('is refused before any change:', () => {
  const fillTo = (size: number): void => {
    for (let count = world.organization.everyKey.length; count < size; count++) {
      world.organization.createByHand({ name: 'a', description: '', scope: SCOPE });
    }
  };

  const store = (value: string): void => world.secret.storeByHand('by-hand', value);

  const useManager = (value: string): void => {
    world.managerKey = value;
  };

  const refused = async (code: string): Promise<string> => {
    const before = await world.organization.list().catch(() => []);
    const failure = await world.attempt('t1');
    expect(failure).toMatchObject({ code });
    expect(await world.organization.list().catch(() => [])).toEqual(before);
    expect(world.secret.holder(AWSCURRENT)).not.toBe('t1');
    return String(failure);
  };

  const cases: Array<[string, string, string, () => unknown]> = [
    [
      'a key of another organization, a personal or a deleted key',
      'KEY_NOT_ROTATABLE',
      'no customized key',
      () => world.organization.delete(world.first.id),
    ],
    ['a manager key that is the rotated key', 'MANAGER_REJECTED', 'to be rotated', () => useManager(world.first.key)],
    ['a manager secret without a key', 'MANAGER_REJECTED', '"apiKey"', () => useManager('{"key":"k"}')],
    [
      'no manager secret',
      'MANAGER_REJECTED',
      'managerSecretArn',
      () => world.configure({ managerSecretArn: undefined }),
    ],
    ['a full organization', 'KEY_QUOTA', '100 of 100', () => fillTo(100)],
    ['a user and a password in the secret', 'CURRENT_INVALID', '', () => store(document('Password-1'))],
    [
      'a key alone, without the id by which the key is deleted later',
      'CURRENT_INVALID',
      'init',
      () => store(world.first.key),
    ],
    [
      'a key in the secret of a single user',
      'CURRENT_INVALID',
      'an API key',
      () => (world.pins = { endpoint: ENDPOINT }),
    ],
  ];

  it.each(cases)('%s', async (_, code, text, happen) => {
    await happen();
    expect(await refused(code)).toContain(text);
  });

  it('a key that nobody pinned, although it exists', async () => {
    const other = world.organization.createByHand({ name: 'admin', description: '', scope: SCOPE });
    store(keyDocument(other));
    world.pins = { endpoint: ENDPOINT, apiKeyId: world.first.key };
    const message = await refused('KEY_NOT_ROTATABLE');
    expect(message).toContain(other.id);
    // The deployment may pin a key in place of its id.
    expect(message).not.toContain(world.first.key);
  });

  it('an Owner key', async () => {
    const owner = world.organization.createByHand({
      name: 'owner',
      description: '',
      scope: { orgRole: 'Owner', projects: [] },
    });
    store(keyDocument(owner));
    world.pins = { endpoint: ENDPOINT, apiKeyId: owner.id };
    expect(await refused('KEY_NOT_ROTATABLE')).toContain('Owner');
  });

  it.each(['rejected', 'forbidden'] as const)('a manager key that is %s', async (answer) => {
    world.organization.manager = answer;
    await refused('MANAGER_REJECTED');
  });

  it('a full organization, also after orphans were deleted', async () => {
    const key = { name: keyName(world.secret, 'earlier'), description: keyDescription(world.secret), scope: SCOPE };
    const orphan = world.organization.createByHand(key);
    fillTo(101);
    expect(await world.attempt('t1')).toMatchObject({ code: 'KEY_QUOTA' });
    expect(world.organization.accepts(orphan.key)).toBe(false);
  });

  it('no organization with room for one key, also if an orphan is in the way', async () => {
    const key = { name: keyName(world.secret, 't1'), description: keyDescription(world.secret), scope: SCOPE };
    world.organization.createByHand(key);
    fillTo(100);
    expect(await world.attempt('t1')).toBe('succeeded');
  });
});

describe('setSecret', () => {
  it('reports that the cluster accepts the key already, and labels the version that it replaces', async () => {
    await world.runBefore('setSecret');
    expect(await world.step('setSecret', 't1')).toBe('already-in-force');
    expect(world.secret.labelsOf('v0')).toContain(sentLabel('v0'));
  });

  it('keeps the new key if the current key was deleted', async () => {
    await world.runBefore('setSecret');
    await world.organization.delete(world.first.id);
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'KEY_NOT_ROTATABLE' });
    expect(world.logsIn(AWSPENDING)).toBe(true);
  });

  it('waits for a list that shows the new key late', async () => {
    await world.runBefore('setSecret');
    let lists = 0;
    world.organization.shows = (keys) => (lists++ === 0 ? [] : keys);
    expect(await world.step('setSecret', 't1')).toBe('already-in-force');
    expect(world.now).toBe(500);
  });

  it.each([
    ['the propagation time', 10_000, 60_000, 7500],
    ['the time of the invocation', 60_000, 14_000, 7500],
  ])('waits for such a list no longer than %s', async (_, propagationMs, timeout, waited) => {
    world.configure({ propagationMs });
    world.timeout = timeout;
    await world.runBefore('setSecret');
    showFirstKeyOnly();
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'KEY_CHANGED' });
    expect(world.now).toBe(waited);
  });

  it('adds no label to a version that has one', async () => {
    await world.rotate('t1');
    await world.runBefore('setSecret', 't2');
    world.secret.addLabel = () => Promise.reject(new Error('added'));
    expect(await world.step('setSecret', 't2')).toBe('already-in-force');
  });

  it('adds the last label that is free', async () => {
    await world.runBefore('setSecret');
    await world.addOwnersLabels(15);
    expect(await world.step('setSecret', 't1')).toBe('already-in-force');
  });

  it('stops if the owner uses up the labels meanwhile, so that a later rotation deletes the first key', async () => {
    await world.runBefore('setSecret');
    await world.addOwnersLabels(16);
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'LABELS_FULL' });
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');

    for (const label of ['owner-1', 'owner-2', 'owner-3', 'owner-4']) {
      await world.secret.removeLabel({ label, from: 'v0' });
    }
    await world.rotate('t1', 't2', 't3');
    expect(await world.keyIds()).not.toContain(world.first.id);
  });

  it('leaves no key if the control plane does not keep its description', async () => {
    world.organization.shows = (keys) => keys.map((key) => ({ ...key, description: '' }));
    expect(await world.attempt('t1')).toMatchObject({ code: 'KEY_CHANGED' });
    expect(await world.keyIds()).toEqual([world.first.id]);
    expect(world.story).toContainEqual(expect.objectContaining({ event: 'key-deleted', why: 'orphan' }));
  });
});

describe('setSecret releases a version', () => {
  it('whose key has another scope than the current key now has', async () => {
    await world.runBefore('setSecret');
    world.organization.changeScope(world.first.id, { orgRole: 'Billing-Admin', projects: [] });
    const failure = expect.objectContaining({
      code: 'KEY_CHANGED',
      accepted: 'current',
      message: expect.stringContaining('another role or scope'),
    });
    await expect(world.step('setSecret', 't1')).rejects.toEqual(failure);
    expect(world.secret.labelsOf('t1')).toEqual([]);
    await world.rotate('t2', 't3');
    expect(await world.keyIds()).toEqual([world.keyIdIn(AWSPREVIOUS), world.keyIdIn(AWSCURRENT)].toSorted());
  });

  it('any number of times, so that a rotation succeeds when the cause is gone', async () => {
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      await world.runBefore('setSecret', `failed-${attempt}`);
      showFirstKeyOnly();
      await expect(world.step('setSecret', `failed-${attempt}`)).rejects.toMatchObject({ code: 'KEY_CHANGED' });
      world.organization.shows = (keys) => keys;
    }
    await world.rotate('t2');
  });

  it('never if another invocation has made it AWSCURRENT meanwhile', async () => {
    await world.runBefore('setSecret');
    const { list } = world.organization;
    world.organization.list = async () => {
      world.organization.list = list;
      for (const step of ['setSecret', 'testSecret', 'finishSecret'] as const) {
        await world.step(step, 't1');
      }
      world.organization.changeScope(world.first.id, { orgRole: 'Billing-Admin', projects: [] });
      return await list.call(world.organization);
    };
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'TOKEN_NOT_PENDING' });
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
    expect(world.logsIn(AWSCURRENT)).toBe(true);
  });

  it('and keeps its key if finishSecret of another invocation makes it AWSCURRENT at this moment', async () => {
    await world.runBefore('setSecret');
    world.organization.changeScope(world.first.id, { orgRole: 'Billing-Admin', projects: [] });
    const removeLabel: SecretStore['removeLabel'] = async (label) => {
      const outcome = await world.secret.removeLabel(label);
      await world.secret.promote({ to: 't1', from: 'v0' });
      return outcome;
    };
    const ports = world.portsWith({ store: { removeLabel } });
    await expect(world.step('setSecret', 't1', ports)).rejects.toMatchObject({ code: 'KEY_CHANGED' });
    expect(world.logsIn(AWSCURRENT)).toBe(true);
    await world.rotate('t2');
  });

  it('whose key the list shows late, so that a later rotation deletes the key', async () => {
    await world.runBefore('setSecret');
    showFirstKeyOnly();
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'KEY_CHANGED' });
    world.organization.shows = (keys) => keys;
    await world.rotate('t2', 't3', 't4');
    expect(await world.keyIds()).toEqual([world.keyIdIn(AWSPREVIOUS), world.keyIdIn(AWSCURRENT)].toSorted());
  });

  it('whose key was deleted', async () => {
    await world.runBefore('setSecret');
    await world.organization.delete(world.documentOf('t1')['apiKeyId'] as string);
    await expect(world.step('setSecret', 't1')).rejects.toThrow('does not exist');
    await world.rotate('t2');
  });

  it.each([
    [
      'another text for the same key',
      () => keyDocument({ id: world.first.id, key: 'other-key' }, { database: 'orders' }),
    ],
    ['a user and a password', () => document('Password-1', { database: 'orders' })],
  ])('never if a person stored %s', async (_, value) => {
    await world.secret.put({ versionId: 't1', value: value(), labels: [AWSPENDING] });
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'PENDING_MISMATCH' });
    expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING]);
  });

  it('whose key an earlier rotation created, so that no holder of a leaked key makes it current again', async () => {
    await world.rotate('t1');
    await world.rotate('t2');
    const value = world.secret.valueOf('t1') ?? '';
    const token = 'without-gap-revoke-00000000-0000-0000';
    await world.secret.put({ versionId: token, value, labels: [AWSPENDING, sentLabel(token)] });
    expect(await world.attempt(token)).toMatchObject({ code: 'KEY_CHANGED', accepted: 'current' });
    expect([world.secret.holder(AWSCURRENT), world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([
      ...['t2', true, true],
    ]);
  });

  it('whose key a person stored, and keeps that key and its label', async () => {
    const other = world.organization.createByHand({ name: 'admin', description: '', scope: SCOPE });
    const value = keyDocument(other, { database: 'orders' });
    await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING, sentLabel('t1')] });
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'KEY_CHANGED' });
    expect([await world.keyIds(), world.secret.labelsOf('t1')]).toEqual([
      [world.first.id, other.id],
      [sentLabel('t1')],
    ]);
  });
});

it('many rotations within the minimum gap end at the limit of labels, and continue after the gap', async () => {
  world.configure({ minimumGapMs: HOUR_MS });
  let failure: unknown = 'succeeded';
  let count = 0;
  while (failure === 'succeeded' && count < 30) {
    count += 1;
    failure = await world.attempt(`t${count}`);
  }
  expect(failure).toMatchObject({ code: 'LABELS_FULL' });
  world.secret.removePendingByHand();
  world.now += 2 * HOUR_MS;
  await world.rotate('after-the-gap');
  expect(await world.keyIds()).toEqual([world.keyIdIn(AWSPREVIOUS), world.keyIdIn(AWSCURRENT)].toSorted());
});

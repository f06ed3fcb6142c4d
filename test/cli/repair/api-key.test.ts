import { beforeEach, describe, expect, it } from 'vitest';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { replace } from '../support/replace.ts';
import { keys, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

const REPAIR = ['repair', SECRET, '--yes'];

describe('repair --admin-secret', () => {
  it('asks no admin for a key, and stores no version', async () => {
    await keys.organization.delete(keys.first.id);
    world.aws.add('admin', JSON.stringify({ endpoint: ENDPOINT, username: 'db_admin', password: 'Admin-1' }));

    const { document } = await world.runJson(...REPAIR, '--admin-secret', 'admin');

    expect([document.error.code, document.plan]).toEqual(['none-in-force', []]);
  });
});

function interruptCreation(): void {
  replace(keys.organization, 'create', (create) => async (key) => {
    keys.organization.create = create;
    world.interruption.abort();
    return await create(key);
  });
}

describe('repair --like', () => {
  const LIKE = [...REPAIR, '--manager', '--like'];
  /** A key of the organization that nobody has stored. */
  let other: { readonly id: string; readonly key: string };

  beforeEach(async () => {
    await keys.organization.delete(keys.first.id);
    other = keys.organization.createByHand({ name: 'other', description: 'by hand', scope: SCOPE });
  });

  it('creates a key with role and scope of another one, proves it, and makes it AWSCURRENT', async () => {
    const { code, document } = await world.runJson(...LIKE, other.id);

    expect([code, document.outcome]).toEqual([0, 'repaired']);
    const [created] = (await keys.organization.list()).filter(({ id }) => id !== other.id);
    expect(created).toMatchObject({ id: keys.keyIdIn(AWSCURRENT), scope: SCOPE });
    expect(keys.logsIn(AWSCURRENT)).toBe(true);
    expect(keys.documentOf(secret.store.holder(AWSCURRENT) ?? '')).toMatchObject({ note: 'survives' });
    expect((await world.run(['rotate', SECRET])).code).toBe(0);
  });

  it('asks before it creates a key', async () => {
    const { code } = await world.run(['repair', SECRET, '--manager', '--like', other.id]);

    expect([code, await keys.keyIds()]).toEqual([5, [other.id]]);
  });

  it.each<[string, string, () => string]>([
    ['a key of another organization', 'KEY_NOT_ROTATABLE', () => 'key-00000000000099'],
    [
      'a key, while the quota is used up',
      'KEY_QUOTA',
      () => {
        for (let count = 1; count < 100; count += 1) {
          keys.organization.createByHand({ name: 'n', description: '', scope: SCOPE });
        }
        return other.id;
      },
    ],
  ])('refuses %s, and creates nothing', async (_, expected, prepare) => {
    const like = prepare();
    const before = await keys.keyIds();

    expect(await world.fail(...LIKE, like)).toBe(`5 ${expected}`);
    expect(await keys.keyIds()).toEqual(before);
  });

  it('creates no key while the cluster accepts a stored one', async () => {
    secret.store.storeByHand('edit', keyDocument(other));

    await world.run([...LIKE, other.id]);

    expect(await keys.keyIds()).toEqual([other.id]);
  });

  it.each<[why: string, expected: string, happen: () => unknown]>([
    ['its value cannot be stored', '5 access-denied', () => world.aws.failing.set('put', 'access-denied')],
    ['AWSCURRENT cannot move', '5 access-denied', () => world.aws.failing.set('promote', 'access-denied')],
    ['the cluster rejects it', '3 new-key-rejected', () => Object.assign(world.cluster, { acceptsKey: () => false })],
    ['Ctrl-C comes', '130 interrupted', interruptCreation],
  ])('deletes the created key if %s, which is %s, and can try again', async (_, expected, happen) => {
    const { acceptsKey } = world.cluster;
    happen();

    expect(await world.fail(...LIKE, other.id)).toBe(expected);
    expect(await keys.keyIds()).toEqual([other.id]);

    world.aws.failing.clear();
    Object.assign(world, { interruption: new AbortController() });
    world.cluster.acceptsKey = acceptsKey;
    expect((await world.run([...LIKE, other.id])).code).toBe(0);
  });

  it.each([
    ['', false],
    [', and somebody has stored another value since', true],
  ])('keeps the created key if AWSCURRENT has moved and the answer was lost%s', async (_, isEdited) => {
    replace(secret.store, 'promote', (promote) => async (labels) => {
      await promote(labels);
      if (isEdited) {
        secret.store.storeByHand('edit', JSON.stringify({ ...keys.documentOf(labels.to), note: 'edited' }));
      }
      throw new SecretStoreError({ action: 'promote', code: 'TimeoutError', kind: 'unavailable', explanation: 'lost' });
    });

    await world.runJson(...LIKE, other.id);

    expect([keys.logsIn(AWSCURRENT), keys.logsIn(AWSPREVIOUS)]).toEqual([true, isEdited]);
  });

  it('names the created key if it cannot be deleted', async () => {
    world.aws.failing.set('put', 'access-denied');
    keys.organization.delete = () => Promise.reject(new ControlPlaneError('unavailable', 'no route'));

    const { code, document } = await world.runJson(...LIKE, other.id);

    const [created] = (await keys.keyIds()).filter((id) => id !== other.id);
    expect(code).toBe(3);
    expect(document.error.advice).toContain(String(created));
  });
});

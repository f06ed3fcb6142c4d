import { beforeEach, describe, expect, it } from 'vitest';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { fixture, SECRET, secret, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

const REPAIR = ['repair', SECRET, '--yes'];

describe('repair --admin-secret', () => {
  it('asks no admin for a key, and stores no version', async () => {
    await world.organization.delete(world.first.id);
    fixture.aws.add('admin', JSON.stringify({ endpoint: ENDPOINT, username: 'db_admin', password: 'Admin-1' }));

    const { document } = await fixture.runJson(...REPAIR, '--admin-secret', 'admin');

    expect([document.error.code, document.plan]).toEqual(['none-in-force', []]);
  });
});

describe('repair --like', () => {
  const LIKE = [...REPAIR, '--manager', '--like'];
  /** A key of the organization that nobody has stored. */
  let other: { readonly id: string; readonly key: string };

  beforeEach(async () => {
    await world.organization.delete(world.first.id);
    other = world.organization.createByHand({ name: 'other', description: 'by hand', scope: SCOPE });
  });

  it('creates a key with role and scope of another one, proves it, and makes it AWSCURRENT', async () => {
    const { code, document } = await fixture.runJson(...LIKE, other.id);

    expect([code, document.outcome]).toEqual([0, 'repaired']);
    const [created] = (await world.organization.list()).filter(({ id }) => id !== other.id);
    expect(created).toMatchObject({ id: world.keyIdIn(AWSCURRENT), scope: SCOPE });
    expect(world.logsIn(AWSCURRENT)).toBe(true);
    expect(world.documentOf(secret.store.holder(AWSCURRENT) ?? '')).toMatchObject({ note: 'survives' });
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
  });

  it('asks before it creates a key', async () => {
    const { code } = await fixture.run(['repair', SECRET, '--manager', '--like', other.id]);

    expect([code, await world.keyIds()]).toEqual([5, [other.id]]);
  });

  it.each<[string, string, () => string]>([
    ['a key of another organization', 'KEY_NOT_ROTATABLE', () => 'key-00000000000099'],
    [
      'a key, while the quota is used up',
      'KEY_QUOTA',
      () => {
        for (let count = 1; count < 100; count += 1) {
          world.organization.createByHand({ name: 'n', description: '', scope: SCOPE });
        }
        return other.id;
      },
    ],
  ])('refuses %s, and creates nothing', async (_, expected, prepare) => {
    const like = prepare();
    const before = await world.keyIds();

    const { code, document } = await fixture.runJson(...LIKE, like);

    expect([code, document.error.code]).toEqual([5, expected]);
    expect(await world.keyIds()).toEqual(before);
  });

  it('creates no key while the cluster accepts a stored one', async () => {
    secret.store.storeByHand('edit', keyDocument(other));

    await fixture.run([...LIKE, other.id]);

    expect(await world.keyIds()).toEqual([other.id]);
  });

  it.each(['put', 'promote'])('deletes the created key if %s fails', async (method) => {
    fixture.aws.failing.set(method, 'access-denied');

    const { code } = await fixture.runJson(...LIKE, other.id);

    expect([code === 0, await world.keyIds()]).toEqual([false, [other.id]]);
  });

  it.each([
    ['', false],
    [', and somebody has stored another value since', true],
  ])('keeps the created key if AWSCURRENT has moved and the answer was lost%s', async (_, isEdited) => {
    const { promote } = secret.store;
    secret.store.promote = async (labels) => {
      await promote.call(secret.store, labels);
      if (isEdited) {
        secret.store.storeByHand('edit', JSON.stringify({ ...world.documentOf(labels.to), note: 'edited' }));
      }
      throw new SecretStoreError({ action: 'promote', code: 'TimeoutError', kind: 'unavailable', explanation: 'lost' });
    };

    await fixture.runJson(...LIKE, other.id);

    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, isEdited]);
  });

  it('deletes a created key that the cluster rejects, and succeeds after the cluster accepts it', async () => {
    const { acceptsKey } = fixture.cluster;
    fixture.cluster.acceptsKey = () => false;

    const { code, document } = await fixture.runJson(...LIKE, other.id);

    expect([code, document.error.code, await world.keyIds()]).toEqual([3, 'new-key-rejected', [other.id]]);
    fixture.cluster.acceptsKey = acceptsKey;
    expect((await fixture.run([...LIKE, other.id])).code).toBe(0);
  });

  it('deletes the created key after Ctrl-C', async () => {
    const { organization } = world;
    const create = organization.create.bind(organization);
    organization.create = async (key) => {
      fixture.interruption.abort();
      return await create(key);
    };

    const { code } = await fixture.runJson(...LIKE, other.id);

    expect([code, await world.keyIds()]).toEqual([130, [other.id]]);
  });

  it('names the created key if it cannot be deleted', async () => {
    fixture.aws.failing.set('put', 'access-denied');
    world.organization.delete = () => Promise.reject(new ControlPlaneError('unavailable', 'no route'));

    const { code, document } = await fixture.runJson(...LIKE, other.id);

    const [created] = (await world.keyIds()).filter((id) => id !== other.id);
    expect(code).toBe(3);
    expect(document.error.advice).toContain(String(created));
  });
});

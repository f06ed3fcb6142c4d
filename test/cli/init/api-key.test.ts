import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONTROL_PLANE } from '../../../protocol/keys/control-plane.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { currentDocument } from '../support/init-fixture.ts';
import { GAP, keys, MANAGER, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

const INIT = ['--manager-secret', MANAGER, '--endpoint', ENDPOINT, '--yes'];

/** A key that a person has just created in the console. */
let created: { readonly id: string; readonly key: string };

beforeEach(() => {
  created = keys.organization.createByHand({ name: 'search', description: 'by hand', scope: SCOPE });
});

describe('init of an API key', () => {
  it('asks for the id and the key, proves the key, and prints the entry', async () => {
    world.passwords.push(created.id, created.key);

    const { code, document } = await world.runJson('init', 'search', ...INIT);

    expect([code, document.outcome, document.apiKeyId, document.users]).toEqual([0, 'ready', created.id, []]);
    expect(document.entry).toBe(`- name: search\n  endpoint: ${ENDPOINT}\n  apiKeyId: ${created.id}\n`);
    expect(document.notes).toEqual([expect.stringContaining('managerSecretArn')]);
    const { id: apiKeyId, key: apiKey } = created;
    expect(currentDocument(world, 'search')).toEqual({ endpoint: ENDPOINT, apiKeyId, apiKey, token: apiKey });
    expect(world.passwordQuestions).toHaveLength(2);
  });

  it.each([
    ['the key alone', (key: string) => key, {}],
    ['JSON without the id', (key: string) => JSON.stringify({ apiKey: key, team: 'search' }), { team: 'search' }],
    ['JSON with a token only', (key: string) => JSON.stringify({ token: key }), {}],
  ])('converts %s, and asks for the id only', async (_, textOf, kept) => {
    world.aws.add('plain', textOf(created.key));

    const { code } = await world.run(['init', 'plain', ...INIT, '--api-key-id', created.id]);

    const { id: apiKeyId, key: apiKey } = created;
    expect(code).toBe(0);
    expect(currentDocument(world, 'plain')).toEqual({ ...kept, endpoint: ENDPOINT, apiKeyId, apiKey, token: apiKey });
    expect(world.passwordQuestions).toEqual([]);
  });

  it('asks for the key if the cluster rejects the text of the secret', async () => {
    world.aws.add('plain', 'k3y-that-somebody-deleted');
    world.passwords.push(created.key);

    const { code, out } = await world.run(['init', 'plain', ...INIT, '--api-key-id', created.id]);

    expect([code, currentDocument(world, 'plain')['apiKey']], out).toEqual([0, created.key]);
  });

  it('replaces a deleted key of a rotated secret, and keeps its other fields', async () => {
    await keys.organization.delete(keys.first.id);
    world.passwords.push(created.key);

    const { code, document } = await world.runJson('init', SECRET, '--api-key-id', created.id, '--yes');

    expect([code, document.entry]).toEqual([0, expect.stringContaining(`apiKeyId: ${created.id}`)]);
    expect(currentDocument(world, SECRET)).toMatchObject({
      apiKeyId: created.id,
      token: created.key,
      note: 'survives',
    });
  });

  it('asks for the id if AWSCURRENT holds the accepted password of a user', async () => {
    world.cluster.addUser('app', 'Pass-word-1');
    const user = { endpoint: ENDPOINT, username: 'app', password: 'Pass-word-1' };
    secret.store.storeByHand('edit', JSON.stringify(user));
    world.passwords.push(created.id, created.key);

    const { document } = await world.runJson('init', SECRET, '--yes');

    expect([document.outcome, document.apiKeyId]).toEqual(['ready', created.id]);
  });

  it.each([
    ['in the configuration', false, async () => secret.store.storeByHand('edit', keyDocument(created))],
    ['nowhere', true, () => world.run(['rotate', SECRET])],
  ])('says that a current key must be named %s', async (_, isDeployed, happen) => {
    world.clock.advance(GAP);
    await happen();
    world.clock.advance(GAP);

    const { document } = await world.runJson('init', SECRET, '--yes');

    expect([document.outcome, document.apiKeyId]).toEqual(['in-order', keys.keyIdIn(AWSCURRENT)]);
    expect(document.next.includes('configuration')).toBe(!isDeployed);
  });

  it.each<[string, string, () => void]>([
    ['a wrong key', 'password-rejected', () => world.passwords.push(created.id, 'wrong-key')],
    ['no id', 'api-key-id-needed', () => undefined],
    ['an id with a space', 'api-key-id-needed', () => world.passwords.push('not an id')],
  ])('refuses %s, and creates no secret', async (_, expected, prepare) => {
    prepare();

    const { code, document } = await world.runJson('init', 'search', ...INIT);

    expect([code === 0, document.error.code]).toEqual([false, expected]);
    expect(world.aws.secrets.has('search')).toBe(false);
  });

  it('reads a text without a name again only if the options fit', async () => {
    world.aws.add('plain', created.key, { rotationFunctionArn: undefined });

    const ended = await world.fail('init', 'plain', '--endpoint', ENDPOINT, '--strategy', 'api-key');

    expect(ended).toBe('5 manager-needed');
    expect(world.aws.calls.filter((call) => call.startsWith('read'))).toEqual(['read plain']);
  });

  it('refuses a secret with a password, and a user or an admin for a secret with a key', async () => {
    world.cluster.addUser('app', 'Pass-word-1');
    world.aws.add('orders', JSON.stringify({ endpoint: ENDPOINT, username: 'app', password: 'Pass-word-1' }));

    expect(await world.fail('init', 'orders', ...INIT, '--api-key-id', created.id)).toBe('5 other-user');
    for (const options of [
      ['--strategy', 'single-user', '--username', 'app'],
      ['--username', 'app'],
      ['--admin-secret', 'orders'],
    ]) {
      expect(await world.fail('init', SECRET, ...options, '--yes')).toBe('5 other-user');
    }
  });
});

describe('init --manager-secret', () => {
  const PROVE = ['search', ...INIT];
  const { url } = DEFAULT_CONTROL_PLANE;

  it.each([
    ['of Zilliz Cloud', [], url],
    [
      'at --control-plane-url',
      ['--control-plane-url', 'https://api.cloud.zilliz.com.cn'],
      'https://api.cloud.zilliz.com.cn',
    ],
  ])('asks the control plane %s whether the key can rotate', async (_, options, expected) => {
    world.passwords.push(created.id, created.key);

    const { code, document } = await world.runJson('init', ...PROVE, ...options);

    expect([code, document.apiKeyId, document.notes.length]).toEqual([0, created.id, 1]);
    expect(keys.controlPlaneUrls).toEqual([expected]);
  });

  it('is needed for a secret whose function is not known, before any question', async () => {
    const { code, document } = await world.runJson('init', 'search', '--strategy', 'api-key', '--endpoint', ENDPOINT);

    expect([code, document.error.code]).toEqual([5, 'manager-needed']);
    expect(document.error.advice).toContain('--manager-secret');
    expect(world.passwordQuestions).toEqual([]);
  });

  it.each<[string, string, () => unknown]>([
    ['a personal key', 'KEY_NOT_ROTATABLE', () => (keys.organization.list = async () => [])],
    ['a manager key without permission', 'MANAGER_REJECTED', () => (keys.organization.manager = 'forbidden')],
  ])('refuses %s before any change, and says what to do', async (_, expected, happen) => {
    happen();
    world.passwords.push(created.id, created.key);

    const { code, document } = await world.runJson('init', ...PROVE);

    expect([code, document.error.code]).toEqual([5, expected]);
    expect(document.error.advice).toMatch(/^Nothing was changed\. (Create|Store) /);
    expect(world.aws.secrets.has('search')).toBe(false);
  });

  it('says that the name of the manager secret may be wrong', async () => {
    world.aws.failing.set('read', 'not-found');
    world.passwords.push(created.id, created.key);

    const { code, document } = await world.runJson('init', ...PROVE);

    expect(code).toBe(7);
    expect(document.error.advice).toMatch(/^Nothing was changed\. Check the name /);
  });

  it('refuses an Owner key in AWSCURRENT with the manager of the function, if it is absent', async () => {
    keys.organization.changeScope(keys.first.id, { orgRole: 'Owner', projects: [] });

    expect(await world.fail('init', SECRET, '--yes')).toBe('5 KEY_NOT_ROTATABLE');
  });
});

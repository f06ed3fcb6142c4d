import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONTROL_PLANE } from '../../../protocol/keys/control-plane.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { GAP } from '../support/alternating-fixture.ts';
import { currentDocument } from '../support/init-fixture.ts';
import { fixture, MANAGER, pass, SECRET, secret, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

const INIT = ['--manager-secret', MANAGER, '--endpoint', ENDPOINT, '--yes'];

/** A key that a person has just created in the console. */
let created: { readonly id: string; readonly key: string };

beforeEach(() => {
  created = world.organization.createByHand({ name: 'search', description: 'by hand', scope: SCOPE });
});

describe('init of an API key', () => {
  it('asks for the id and the key, proves the key, and prints the entry', async () => {
    fixture.passwords.push(created.id, created.key);

    const { code, document } = await fixture.runJson('init', 'search', ...INIT);

    expect([code, document.outcome, document.apiKeyId, document.users]).toEqual([0, 'ready', created.id, []]);
    expect(document.entry).toBe(`- name: search\n  endpoint: ${ENDPOINT}\n  apiKeyId: ${created.id}\n`);
    expect(document.notes).toEqual([expect.stringContaining('managerSecretArn')]);
    const { id: apiKeyId, key: apiKey } = created;
    expect(currentDocument(fixture, 'search')).toEqual({ endpoint: ENDPOINT, apiKeyId, apiKey, token: apiKey });
    expect(fixture.passwordQuestions).toHaveLength(2);
  });

  it.each([
    ['the key alone', (key: string) => key, {}],
    ['JSON without the id', (key: string) => JSON.stringify({ apiKey: key, team: 'search' }), { team: 'search' }],
    ['JSON with a token only', (key: string) => JSON.stringify({ token: key }), {}],
  ])('converts %s, and asks for the id only', async (_, textOf, kept) => {
    fixture.aws.add('plain', textOf(created.key));

    const { code } = await fixture.run(['init', 'plain', ...INIT, '--api-key-id', created.id]);

    const { id: apiKeyId, key: apiKey } = created;
    expect(code).toBe(0);
    expect(currentDocument(fixture, 'plain')).toEqual({ ...kept, endpoint: ENDPOINT, apiKeyId, apiKey, token: apiKey });
    expect(fixture.passwordQuestions).toEqual([]);
  });

  it('asks for the key if the cluster rejects the text of the secret', async () => {
    fixture.aws.add('plain', 'k3y-that-somebody-deleted');
    fixture.passwords.push(created.key);

    const { code, out } = await fixture.run(['init', 'plain', ...INIT, '--api-key-id', created.id]);

    expect([code, currentDocument(fixture, 'plain')['apiKey']], out).toEqual([0, created.key]);
  });

  it('replaces a deleted key of a rotated secret, and keeps its other fields', async () => {
    await world.organization.delete(world.first.id);
    fixture.passwords.push(created.key);

    const { code, document } = await fixture.runJson('init', SECRET, '--api-key-id', created.id, '--yes');

    expect([code, document.entry]).toEqual([0, expect.stringContaining(`apiKeyId: ${created.id}`)]);
    expect(currentDocument(fixture, SECRET)).toMatchObject({
      apiKeyId: created.id,
      token: created.key,
      note: 'survives',
    });
  });

  it('asks for the id if AWSCURRENT holds the accepted password of a user', async () => {
    fixture.cluster.addUser('app', 'Pass-word-1');
    const user = { endpoint: ENDPOINT, username: 'app', password: 'Pass-word-1' };
    secret.store.storeByHand('edit', JSON.stringify(user));
    fixture.passwords.push(created.id, created.key);

    const { document } = await fixture.runJson('init', SECRET, '--yes');

    expect([document.outcome, document.apiKeyId]).toEqual(['ready', created.id]);
  });

  it.each([
    ['in the configuration', false, async () => secret.store.storeByHand('edit', keyDocument(created))],
    ['nowhere', true, () => fixture.run(['rotate', SECRET])],
  ])('says that a current key must be named %s', async (_, isDeployed, happen) => {
    pass(GAP);
    await happen();
    pass(GAP);

    const { document } = await fixture.runJson('init', SECRET, '--yes');

    expect([document.outcome, document.apiKeyId]).toEqual(['in-order', world.keyIdIn(AWSCURRENT)]);
    expect(document.next.includes('configuration')).toBe(!isDeployed);
  });

  it.each<[string, string, () => void]>([
    ['a wrong key', 'password-rejected', () => fixture.passwords.push(created.id, 'wrong-key')],
    ['no id', 'api-key-id-needed', () => undefined],
    ['an id with a space', 'api-key-id-needed', () => fixture.passwords.push('not an id')],
  ])('refuses %s, and creates no secret', async (_, expected, prepare) => {
    prepare();

    const { code, document } = await fixture.runJson('init', 'search', ...INIT);

    expect([code === 0, document.error.code]).toEqual([false, expected]);
    expect(fixture.aws.secrets.has('search')).toBe(false);
  });

  it('refuses a secret with a password, and a user or an admin for a secret with a key', async () => {
    fixture.cluster.addUser('app', 'Pass-word-1');
    fixture.aws.add('orders', JSON.stringify({ endpoint: ENDPOINT, username: 'app', password: 'Pass-word-1' }));

    const asKey = await fixture.runJson('init', 'orders', ...INIT, '--api-key-id', created.id);
    expect(asKey.document.error.code).toBe('other-user');
    for (const options of [
      ['--strategy', 'single-user', '--username', 'app'],
      ['--username', 'app'],
      ['--admin-secret', 'orders'],
    ]) {
      const { document } = await fixture.runJson('init', SECRET, ...options, '--yes');
      expect(document.error.code).toBe('other-user');
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
    fixture.passwords.push(created.id, created.key);

    const { code, document } = await fixture.runJson('init', ...PROVE, ...options);

    expect([code, document.apiKeyId, document.notes.length]).toEqual([0, created.id, 1]);
    expect(world.controlPlaneUrls).toEqual([expected]);
  });

  it('is needed for a secret whose function is not known, before any question', async () => {
    const { code, document } = await fixture.runJson('init', 'search', '--strategy', 'api-key', '--endpoint', ENDPOINT);

    expect([code, document.error.code]).toEqual([5, 'manager-needed']);
    expect(document.error.advice).toContain('--manager-secret');
    expect(fixture.passwordQuestions).toEqual([]);
  });

  it.each<[string, string, () => unknown]>([
    ['a personal key', 'KEY_NOT_ROTATABLE', () => (world.organization.list = async () => [])],
    ['a manager key without permission', 'MANAGER_REJECTED', () => (world.organization.manager = 'forbidden')],
  ])('refuses %s before any change, and says what to do', async (_, expected, happen) => {
    happen();
    fixture.passwords.push(created.id, created.key);

    const { code, document } = await fixture.runJson('init', ...PROVE);

    expect([code, document.error.code]).toEqual([5, expected]);
    expect(document.error.advice).toMatch(/^Nothing was changed\. (Create|Store) /);
    expect(fixture.aws.secrets.has('search')).toBe(false);
  });

  it('says that the name of the manager secret may be wrong', async () => {
    fixture.aws.failing.set('read', 'not-found');
    fixture.passwords.push(created.id, created.key);

    const { code, document } = await fixture.runJson('init', ...PROVE);

    expect(code).toBe(7);
    expect(document.error.advice).toMatch(/^Nothing was changed\. Check the name /);
  });

  it('refuses an Owner key in AWSCURRENT with the manager of the function, if it is absent', async () => {
    world.organization.changeScope(world.first.id, { orgRole: 'Owner', projects: [] });

    const { code, document } = await fixture.runJson('init', SECRET, '--yes');

    expect([code, document.error.code]).toEqual([5, 'KEY_NOT_ROTATABLE']);
  });
});

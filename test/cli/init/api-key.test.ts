import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { fixture, SECRET, secret, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

const INIT = ['--strategy', 'api-key', '--endpoint', ENDPOINT, '--yes'];

/** A key that a person has just created in the console. */
let created: { readonly id: string; readonly key: string };

beforeEach(() => {
  created = world.organization.createByHand({ name: 'search', description: 'by hand', scope: SCOPE });
});

function storedIn(name: string): Record<string, unknown> {
  const { store } = fixture.aws.secret(name);
  return JSON.parse(store.valueOf(store.holder(AWSCURRENT) ?? '') ?? '{}') as Record<string, unknown>;
}

describe('init of an API key', () => {
  it('asks for the id and the key, proves the key, and prints the entry', async () => {
    fixture.passwords.push(created.id, created.key);

    const { code, document } = await fixture.runJson('init', 'search', ...INIT);

    expect([code, document.outcome, document.apiKeyId, document.users]).toEqual([0, 'ready', created.id, []]);
    expect(document.entry).toBe(`- name: search\n  endpoint: ${ENDPOINT}\n  apiKeyId: ${created.id}\n`);
    const { id: apiKeyId, key: apiKey } = created;
    expect(storedIn('search')).toEqual({ endpoint: ENDPOINT, apiKeyId, apiKey, token: apiKey });
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
    expect(storedIn('plain')).toEqual({ ...kept, endpoint: ENDPOINT, apiKeyId, apiKey, token: apiKey });
    expect(fixture.passwordQuestions).toEqual([]);
  });

  it('replaces a deleted key of a rotated secret, and keeps its other fields', async () => {
    await world.organization.delete(world.first.id);
    fixture.passwords.push(created.key);

    const { code, document } = await fixture.runJson('init', SECRET, '--api-key-id', created.id, '--yes');

    expect([code, document.entry]).toEqual([0, expect.stringContaining(`apiKeyId: ${created.id}`)]);
    expect(world.documentOf(secret.store.holder(AWSCURRENT) ?? '')).toMatchObject({
      apiKeyId: created.id,
      token: created.key,
      note: 'survives',
    });
  });

  it('finds a secret in order whose key is accepted', async () => {
    const { code, document } = await fixture.runJson('init', SECRET, '--yes');

    expect([code, document.outcome, document.apiKeyId]).toEqual([0, 'in-order', world.first.id]);
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

  it('refuses a secret with a password, and a user for a secret with a key', async () => {
    fixture.cluster.addUser('app', 'Pass-word-1');
    fixture.aws.add('orders', JSON.stringify({ endpoint: ENDPOINT, username: 'app', password: 'Pass-word-1' }));

    const asKey = await fixture.runJson('init', 'orders', ...INIT, '--api-key-id', created.id);
    const asUser = await fixture.runJson('init', SECRET, '--strategy', 'single-user', '--username', 'app', '--yes');

    expect([asKey.document.error.code, asUser.document.error.code]).toEqual(['other-user', 'other-user']);
  });
});

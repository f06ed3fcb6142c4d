import { describe, expect, it } from 'vitest';
import { ROTATED_SECRETS } from '../../../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import { fixture, orders, useOrders } from '../../support/orders-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, OLD_PASSWORD } from '../../support/rotations.ts';

useOrders();

const OFF = { rotationFunctionArn: undefined, schedule: undefined, nextRotationAt: undefined };

function addUnrotated(name: string, value: string, tags: Record<string, string> = {}): void {
  const added = fixture.aws.add(name, value, OFF);
  added.store.rotationEnabled = false;
  Object.assign(added.store.tags, tags);
}

function addSeveral(): void {
  addUnrotated('search', documentOfUser('search', OLD_PASSWORD));
  addUnrotated('plain', `app:${OLD_PASSWORD}`, { 'zilliz:endpoint': ENDPOINT });
  addUnrotated('elsewhere', documentOf(OLD_PASSWORD, { endpoint: 'https://milvus.example.com' }));
  addUnrotated('database', JSON.stringify({ engine: 'postgres', host: 'db.example.com', user: 'app' }));
  addUnrotated('key', 'just-a-key');
}

describe('init --discover', () => {
  it('lists credentials of clusters that no function rotates, and how to take them over', async () => {
    addSeveral();

    const { code, out } = await fixture.run(['init', '--discover']);

    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 5)).toEqual([
      '2 of 5 secrets without rotation hold the credential of a cluster',
      `  secret     search  search at ${ENDPOINT}`,
      '             Take it into rotation with `zilliz-rotation init search`.',
      `  secret     plain  app at ${ENDPOINT}`,
      '             Take it into rotation with `zilliz-rotation init plain`.',
    ]);
    expect(out.split('\n')[5]).toContain('  undecided  elsewhere  milvus.example.com is not an allowed endpoint.');
  });

  it('leads to a command that takes the secret over', async () => {
    addUnrotated('search', documentOf(OLD_PASSWORD));
    const { document } = await fixture.runJson('init', '--discover');
    const [, ...args] = document.credentials[0].command.split(' ');

    const { code, out } = await fixture.run(args);

    expect(code).toBe(0);
    expect(out).toContain('search: in order.');
  });

  it('advises no rotation of a user that a rotated secret holds too', async () => {
    fixture.aws.environment[ROTATED_SECRETS] = 'orders';
    addUnrotated('copy', documentOf(OLD_PASSWORD));

    const { out } = await fixture.run(['init', '--discover']);
    const { document } = await fixture.runJson('init', '--discover');

    expect(document.credentials).toMatchObject([{ secret: 'copy', sameUser: ['orders'], command: null }]);
    expect(out).toContain('copy and orders hold the same user');
    expect(out).toContain('docs/operations.md#two-secrets-for-one-user');
    expect(out).not.toContain('zilliz-rotation init copy');
    expect((await fixture.run(['init', 'copy'])).out).toContain('(same-user)');
  });

  it('advises no rotation of a user that two secrets without rotation hold', async () => {
    addUnrotated('one', documentOf(OLD_PASSWORD));
    addUnrotated('two', documentOf(OLD_PASSWORD));
    addUnrotated('search', documentOfUser('search', OLD_PASSWORD));

    const { document } = await fixture.runJson('init', '--discover');

    expect(document.credentials).toMatchObject([
      { secret: 'one', sameUser: ['two'], command: null },
      { secret: 'two', sameUser: ['one'], command: null },
      { secret: 'search', sameUser: [], command: 'zilliz-rotation init search' },
    ]);
  });

  it('says what it could not compare', async () => {
    fixture.aws.environment[ROTATED_SECRETS] = 'orders';
    addUnrotated('search', documentOfUser('search', OLD_PASSWORD));
    const { read } = orders.store;
    orders.store.read = async (...args) => {
      await read.apply(orders.store, args);
      throw new SecretStoreError({ action: 'read', code: 'AccessDenied', kind: 'denied', explanation: 'denied' });
    };

    expect((await fixture.runJson('init', '--discover')).document.notes).toEqual([
      expect.stringMatching(/values were not read: orders\./),
    ]);
  });

  it('shows how many secrets it has read', async () => {
    for (let index = 0; index < 40; index++) {
      addUnrotated(`search-${index}`, documentOf(OLD_PASSWORD));
    }
    for (const { store } of fixture.aws.secrets.values()) {
      const read = store.read.bind(store);
      store.read = async (...args) => {
        await fixture.clock.sleep(7000, new AbortController().signal);
        return await read(...args);
      };
    }

    const { code, err } = await fixture.run(['init', '--discover']);

    expect(code).toBe(0);
    expect(err).toContain('searching for credentials without rotation: 20 of 40 secrets read');
  });

  it('changes nothing and calls no cluster', async () => {
    addSeveral();

    await fixture.run(['init', '--discover']);

    expect(fixture.aws.calls.filter((call) => !/^(ListSecrets|GetFunctionConfiguration|read )/.test(call))).toEqual([]);
    expect(fixture.aws.calls).not.toContain(`read ${orders.arn}`);
  });

  it('names the secrets that it may not read', async () => {
    addSeveral();
    fixture.aws.failing.set('read', 'access-denied');

    const { code, document } = await fixture.runJson('init', '--discover', '--prefix', 'se');

    expect(code).toBe(0);
    expect(document).toEqual({
      command: 'init',
      exitCode: 0,
      credentials: [],
      incomplete: [],
      searched: 1,
      denied: ['search'],
      notes: [],
    });
  });

  it('exits with 5 if it may not list secrets', async () => {
    fixture.aws.failing.set('ListSecrets', 'access-denied');

    expect((await fixture.run(['init', '--discover'])).code).toBe(5);
  });
});

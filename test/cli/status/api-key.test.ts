import { describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { keys, MANAGER, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

async function statusOf(...args: readonly string[]) {
  const { code, document } = await world.runJson('status', SECRET, ...args);
  const [examined] = document.secrets;
  return { code, ...examined, codes: examined.findings.map((finding: { code: string }) => finding.code) };
}

describe('status of an API key', () => {
  it('knows the strategy from the value if the function cannot be asked', async () => {
    world.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    const { code, strategy, notes } = await statusOf();

    expect([code, strategy.name, strategy.source]).toEqual([0, 'api-key', 'assumed']);
    expect(notes.join()).not.toContain('--users');
  });

  it('reports two secrets with one key, for two clusters', async () => {
    world.aws.add('copy', keyDocument(keys.first, { endpoint: 'http://127.0.0.1:19531' }));
    const { document } = await world.runJson('status', SECRET, 'copy');
    expect(document.secrets[1].findings[0].code).toBe('same-user');
  });
});

it.each([
  ['is in AWSCURRENT', []],
  ['was replaced by no credential', ['later']],
])('prints no key in the place of an id while the cluster accepts every key: it %s', async (_, values) => {
  world.cluster.authorization = false;
  const swapped = keyDocument({ id: keys.first.key, key: keys.first.id });
  for (const [index, value] of [swapped, ...values].entries()) {
    secret.store.storeByHand(`edit-${index}`, value);
  }

  const { out } = await world.run(['status', SECRET]);
  const { code, document } = await world.runJson('status', SECRET);

  expect(code).toBe(3);
  expect([out, JSON.stringify(document)].filter((text) => text.includes(keys.first.key))).toEqual([]);
});

it('sends the manager key to no host that only a function names, which anybody may have deployed', async () => {
  world.aws.environment['CONTROL_PLANE_URL'] = 'https://keys.example.com';
  world.aws.calls.length = 0;

  const refused = await statusOf('--manager');

  expect(refused).toMatchObject({ code: 7, keys: null, codes: ['undecided'] });
  expect(refused.findings[0].advice).toContain('--allow-endpoint');
  expect(keys.controlPlaneUrls).toEqual([]);
  expect(world.aws.calls.filter((call) => call.includes(MANAGER))).toEqual([]);

  const hosts = ['--allow-endpoint', `${new URL(ENDPOINT).hostname},keys.example.com`];
  expect(await statusOf('--manager', ...hosts)).toMatchObject({ code: 0, codes: [] });
  expect(keys.controlPlaneUrls).toEqual(['https://keys.example.com']);
});

describe('status --manager', () => {
  it('shows the key of each version, age, role and scope of the current one, and the quota', async () => {
    await world.run(['rotate', SECRET]);
    const id = keys.keyIdIn(AWSCURRENT);
    const created = (await keys.organization.list()).find((key) => key.id === id);
    const createdAt = new Date(created?.createdAt ?? 0).toISOString();

    const status = await statusOf('--manager');

    expect([status.code, status.codes, status.strategy.name]).toEqual([0, [], 'api-key']);
    expect(status.cluster).toEqual({ endpoint: ENDPOINT, username: null, apiKeyId: id });
    expect(status.versions).toMatchObject([
      { apiKeyId: id, login: 'accepted' },
      { apiKeyId: keys.first.id, login: 'accepted' },
    ]);
    expect(status.keys).toMatchObject({
      current: { id, createdAt, ...SCOPE },
      previous: { id: keys.first.id, exists: true },
      orphans: [],
      count: 2,
      quota: 100,
    });
    const { out } = await world.run(['status', SECRET, '--manager']);
    expect(out).toContain(`, created ${createdAt}: Member; proj-1 Read-Write on in01-1, in01-2`);
  });

  it('reads no manager secret without the option', async () => {
    await statusOf();

    expect(world.aws.calls.filter((call) => call.includes(MANAGER))).toEqual([]);
  });
});

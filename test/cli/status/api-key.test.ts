import { describe, expect, it } from 'vitest';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { keyDescription } from '../../../protocol/keys/rotated-key.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { GAP } from '../support/alternating-fixture.ts';
import { fixture, MANAGER, pass, SECRET, secret, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

async function statusOf(...args: readonly string[]) {
  const { code, document } = await fixture.runJson('status', SECRET, ...args);
  const [examined] = document.secrets;
  return { code, ...examined, codes: examined.findings.map((finding: { code: string }) => finding.code) };
}

describe('status of an API key', () => {
  it('names the key of each version, and whether it is valid', async () => {
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
    const current = world.keyIdIn(AWSCURRENT);

    const { code, cluster, strategy, versions, codes } = await statusOf();

    expect([code, codes, strategy.name]).toEqual([0, [], 'api-key']);
    expect(cluster).toEqual({ endpoint: ENDPOINT, username: null, apiKeyId: current });
    expect(versions).toMatchObject([
      { apiKeyId: current, login: 'accepted' },
      { apiKeyId: world.first.id, login: 'accepted' },
    ]);
  });

  it('knows the strategy from the value if the function cannot be asked', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    const { code, strategy, notes } = await statusOf();

    expect([code, strategy.name, strategy.source]).toEqual([0, 'api-key', 'assumed']);
    expect(notes.join()).not.toContain('--users');
  });

  it('reports a key whose function rotates passwords, and two secrets with one key, for two clusters', async () => {
    fixture.aws.environment['SECRET_TARGETS'] = '';
    expect((await statusOf()).codes).toEqual(['form-not-pinned']);

    fixture.aws.add('copy', keyDocument(world.first, { endpoint: 'http://127.0.0.1:19531' }));
    const { document } = await fixture.runJson('status', SECRET, 'copy');
    expect(document.secrets[1].findings[0].code).toBe('same-user');
  });
});

it.each([
  ['is in AWSCURRENT', []],
  ['was replaced by no credential', ['later']],
])('prints no key in the place of an id while the cluster accepts every key: it %s', async (_, values) => {
  fixture.cluster.authorization = false;
  const swapped = keyDocument({ id: world.first.key, key: world.first.id });
  for (const [index, value] of [swapped, ...values].entries()) {
    secret.store.storeByHand(`edit-${index}`, value);
  }

  const { out } = await fixture.run(['status', SECRET]);
  const { code, document } = await fixture.runJson('status', SECRET);

  expect(code).toBe(3);
  expect([out, JSON.stringify(document)].filter((text) => text.includes(world.first.key))).toEqual([]);
});

it('sends the manager key to no host that only a function names, which anybody may have deployed', async () => {
  fixture.aws.environment['CONTROL_PLANE_URL'] = 'https://keys.example.com';
  fixture.aws.calls.length = 0;

  const refused = await statusOf('--manager');

  expect(refused).toMatchObject({ code: 7, keys: null, codes: ['undecided'] });
  expect(refused.findings[0].advice).toContain('--allow-endpoint');
  expect(world.controlPlaneUrls).toEqual([]);
  expect(fixture.aws.calls.filter((call) => call.includes(MANAGER))).toEqual([]);

  const hosts = ['--allow-endpoint', `${new URL(ENDPOINT).hostname},keys.example.com`];
  expect(await statusOf('--manager', ...hosts)).toMatchObject({ code: 0, codes: [] });
  expect(world.controlPlaneUrls).toEqual(['https://keys.example.com']);
});

describe('status of replaced keys that no rotation can delete', () => {
  /** The function may list and create keys, and deletes none. */
  async function rotateWithoutDeletion(times: number): Promise<void> {
    world.organization.delete = () => Promise.reject(new ControlPlaneError('forbidden', 'code 96012'));
    for (let count = 0; count < times; count += 1) {
      pass(2 * GAP);
      await fixture.run(['rotate', SECRET]);
    }
  }

  it.each([
    ['nothing of two', 3, []],
    ['a notice of three', 4, ['notice']],
    ['a problem if their labels leave no room', 9, ['problem']],
  ])('reports %s', async (_, rotations, severities) => {
    await rotateWithoutDeletion(rotations);

    const { findings } = await statusOf();
    const kept = findings.filter(({ code }: { code: string }) => code === 'keys-not-deleted');

    expect(kept.map(({ severity }: { severity: string }) => severity)).toEqual(severities);
  });

  it('counts no valid key of a rotation that has not ended', async () => {
    await rotateWithoutDeletion(3);
    const created = world.organization.createByHand({ name: 'n', description: 'd', scope: SCOPE });
    const labels = [AWSPENDING, sentLabel('token-1')];
    await secret.store.put({ versionId: 'token-1', value: keyDocument(created), labels });

    expect((await statusOf()).codes).toEqual(['rotation-incomplete']);
  });

  it('makes repair fail, and a rotation succeeds after the keys are deleted in the console', async () => {
    const { delete: deleteKey } = world.organization;
    await rotateWithoutDeletion(9);
    expect((await fixture.runJson('rotate', SECRET)).document.secrets[0].error.code).toBe('LABELS_FULL');

    const { code, document } = await fixture.runJson('repair', SECRET, '--yes');
    expect([code, document.error.code]).toEqual([3, 'keys-not-deleted']);

    const { versions } = await statusOf();
    for (const { apiKeyId } of versions.slice(2)) {
      await deleteKey.call(world.organization, apiKeyId);
    }
    pass(2 * GAP);
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
    expect((await statusOf()).codes).not.toContain('keys-not-deleted');
  });
});

describe('status --manager', () => {
  const manager = () => fixture.aws.secret(MANAGER).store;

  it('shows age, role and scope of the current key, whether the previous key exists, and the quota', async () => {
    await fixture.run(['rotate', SECRET]);
    const created = (await world.organization.list()).find(({ id }) => id === world.keyIdIn(AWSCURRENT));
    const createdAt = new Date(created?.createdAt ?? 0).toISOString();

    const { code, codes, keys } = await statusOf('--manager');

    expect([code, codes]).toEqual([0, []]);
    expect(keys).toMatchObject({
      current: { id: world.keyIdIn(AWSCURRENT), createdAt, ...SCOPE },
      previous: { id: world.first.id, exists: true },
      orphans: [],
      count: 2,
      quota: 100,
    });
    const { out } = await fixture.run(['status', SECRET, '--manager']);
    expect(out).toContain(`, created ${createdAt}: Member; proj-1 Read-Write on in01-1, in01-2`);
  });

  it('reads no manager secret without the option', async () => {
    await statusOf();

    expect(fixture.aws.calls.filter((call) => call.includes(MANAGER))).toEqual([]);
  });

  it('names the orphans of this secret, and no other key', async () => {
    const description = keyDescription(secret);
    const orphan = world.organization.createByHand({ name: 'zilliz/test/lost', description, scope: SCOPE });
    world.organization.createByHand({ name: 'zilliz/test/other', description: 'of another', scope: SCOPE });

    const { code, codes, keys } = await statusOf('--manager');

    expect([code, codes, keys.orphans]).toEqual([0, ['key-orphans'], [orphan.id]]);
    await fixture.run(['rotate', SECRET]);
    expect((await statusOf('--manager')).keys.orphans).toEqual([]);
  });

  it.each([
    [80, []],
    [81, ['notice']],
    [100, ['problem']],
  ])('judges %i of 100 keys', async (count, severities) => {
    for (let made = 1; made < count; made += 1) {
      world.organization.createByHand({ name: `k${made}`, description: 'by hand', scope: SCOPE });
    }

    const { findings } = await statusOf('--manager');

    expect(findings.map(({ severity }: { severity: string }) => severity)).toEqual(severities);
  });

  it('judges 100 keys as no problem if the next rotation deletes an orphan among them', async () => {
    for (let made = 1; made < 99; made += 1) {
      world.organization.createByHand({ name: `k${made}`, description: 'by hand', scope: SCOPE });
    }
    world.organization.createByHand({ name: 'zilliz/test/lost', description: keyDescription(secret), scope: SCOPE });

    expect(await statusOf('--manager')).toMatchObject({ code: 0, codes: ['key-quota', 'key-orphans'] });
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
  });

  it.each<[string, number, string, () => unknown]>([
    ['a deleted key', 3, 'KEY_NOT_ROTATABLE', () => world.organization.delete(world.first.id)],
    ['a manager key that may not list', 3, 'MANAGER_REJECTED', () => (world.organization.manager = 'forbidden')],
    ['the rotated key as manager', 3, 'MANAGER_REJECTED', () => manager().storeByHand('edit', world.first.key)],
    ['a function without a manager', 3, 'MANAGER_REJECTED', () => delete fixture.aws.environment['MANAGER_SECRET_ARN']],
    [
      'a control plane without an answer',
      7,
      'CONTROL_PLANE_UNAVAILABLE',
      () => (world.organization.list = () => Promise.reject(new ControlPlaneError('unavailable', 'no route'))),
    ],
  ])('reports what the function would refuse: %s', async (_, exitCode, expected, happen) => {
    await happen();

    const { code, findings } = await statusOf('--manager');

    expect(code).toBe(exitCode);
    const found = findings.find((finding: { code: string }) => finding.code === expected);
    expect(found.advice).not.toMatch(/\bSECRET\b/);
  });
});

import { describe, expect, it } from 'vitest';
import { type SecretStore, SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

async function withPending(world: RotationWorld): Promise<RotationWorld> {
  await world.runBefore('setSecret');
  world.story.length = 0;
  return world;
}

/** setSecret if the cluster accepts no stored password, and an old version has this value. */
async function withOldVersion(value: string | undefined): Promise<{ world: RotationWorld; failure: unknown }> {
  const world = await withPending(new RotationWorld());
  world.cluster.setByHand(USER, 'Set-elsewhere-1');
  const store: Partial<SecretStore> = {
    list: () => Promise.resolve([{ versionId: 'old', labels: [], createdAt: 0 }]),
    read: (versionId) => (versionId === 'old' ? Promise.resolve(value) : world.secret.read(versionId)),
  };
  const step = world.step('setSecret', 't1', world.portsWith({ store }));
  return { world, failure: await step.catch((error: unknown) => error) };
}

function tried(world: RotationWorld): string[] {
  return world.story.flatMap((progress) =>
    progress.event === 'candidate-tried' || progress.event === 'candidate-skipped'
      ? `${progress.candidate.versionId} ${progress.event}`
      : [],
  );
}

describe('the search for the accepted password', () => {
  it('tries each distinct password twice before it says that none is accepted', async () => {
    const world = new RotationWorld();
    world.secret.storeByHand('v1', document('Wrong-password-1'));
    world.secret.storeByHand('v2', document('Wrong-password-1', { note: 1 }));
    world.secret.storeByHand('v3', 'not a credential');
    world.secret.storeByHand('v4', document('Wrong-password-4'));
    await withPending(world);
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({
      code: 'NONE_IN_FORCE',
      accepted: 'none of the stored',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:19530 .* 100 /),
    });
    expect(tried(world)).toEqual([
      't1 candidate-tried',
      'v4 candidate-tried',
      'v3 candidate-skipped',
      'v2 candidate-tried',
      'v0 candidate-tried',
      'v0 candidate-tried',
      'v2 candidate-tried',
      'v4 candidate-tried',
      't1 candidate-tried',
    ]);
    expect(world.cluster.received.map(({ password }) => password)).toEqual([
      'Generated-password-1',
      'Wrong-password-4',
      'Wrong-password-1',
      FIRST_PASSWORD,
      FIRST_PASSWORD,
      'Wrong-password-1',
      'Wrong-password-4',
      'Generated-password-1',
    ]);
  });

  it.each([
    ['no longer exists', undefined, 'unreadable'],
    ['names another user', document('x', { username: 'other' }), 'other host or user'],
    ['names a host that is not allowed', document('x', { endpoint: 'https://example.com' }), 'other host or user'],
  ])('skips a version that %s', async (_, value, why) => {
    const { world, failure } = await withOldVersion(value);
    expect(failure).toMatchObject({ code: 'NONE_IN_FORCE' });
    expect(world.story).toContainEqual({
      event: 'candidate-skipped',
      candidate: { versionId: 'old', stage: 'stranded' },
      why,
    });
  });

  it('fails with UNEXPECTED if reading a version throws an unknown error', async () => {
    // A defect of the store: parsing this value throws a TypeError.
    const { failure } = await withOldVersion({ trimStart: 1 } as unknown as string);
    expect(failure).toMatchObject({ code: 'UNEXPECTED' });
  });
});

describe('a version that cannot be decrypted', () => {
  /** The oldest version holds the accepted password. Two newer versions cannot be decrypted. */
  async function restored(): Promise<RotationWorld> {
    const world = await new RotationWorld().rotate('r1', 'r2', 'r3', 'r4');
    world.cluster.setByHand(USER, FIRST_PASSWORD);
    world.secret.undecryptable.add('r1').add('r2');
    world.story.length = 0;
    return await withPending(world);
  }

  it('is skipped, and the search finds the password in an older version', async () => {
    const world = await restored();
    expect(await world.step('setSecret', 't1')).toBe('changed');
    for (const versionId of ['r2', 'r1']) {
      const candidate = { versionId, stage: 'stranded' };
      expect(world.story).toContainEqual({ event: 'candidate-skipped', candidate, why: 'denied' });
    }
  });

  it.each([
    ['there is no admin', undefined],
    ['no admin may reset the user', 'arn:admin'],
  ])('is the reason of the failure if no other version is accepted and %s', async (_, adminSecretArn) => {
    const world = await restored();
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    world.configure({ adminSecretArn });
    world.readSecret = () => Promise.reject(new Error('not to be read'));
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({
      code: 'VERSION_DENIED',
      accepted: 'not known',
      message: expect.stringContaining('GetSecretValue'),
    });
  });

  it('does not stop the admin from resetting the password', async () => {
    const world = await restored();
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    world.configureAdmin();
    expect(await world.step('setSecret', 't1')).toBe('reset-by-admin');
  });

  it('does not hide that another read failed because Secrets Manager is unavailable', async () => {
    const world = await restored();
    const { secret } = world;
    const unavailable = { action: 'GetSecretValue', code: 'InternalServiceError', explanation: 'x' };
    const read: SecretStore['read'] = (versionId) =>
      versionId === 'r3'
        ? Promise.reject(new SecretStoreError({ ...unavailable, kind: 'unavailable' }))
        : secret.read(versionId);
    await expect(world.step('setSecret', 't1', world.portsWith({ store: { read } }))).rejects.toMatchObject({
      code: 'SECRETS_MANAGER_UNAVAILABLE',
    });
  });
});

/** Milliseconds. `function.timeout` of the configuration allows no shorter one. */
const SHORTEST_TIMEOUT = 30_000;

describe('the search over a hundred versions at 100 ms a read', () => {
  async function hundredVersions(loginMs = 600, timeout = SHORTEST_TIMEOUT, versions = 100) {
    const world = new RotationWorld();
    world.timeout = timeout;
    for (let version = 1; version <= versions; version++) {
      world.secret.storeByHand(`v${version}`, document(`Wrong-password-${version}`));
    }
    await withPending(world);
    let [running, most] = [0, 0];
    const authenticates: typeof world.cluster.authenticates = async (credentials) => {
      most = Math.max(most, ++running);
      const until = world.now + loginMs;
      const login = await world.cluster.authenticates(credentials);
      world.now = Math.max(world.now, until);
      running -= 1;
      return login;
    };
    const read: SecretStore['read'] = async (versionId) => {
      const until = world.now + 100;
      const text = await world.secret.read(versionId);
      world.now = Math.max(world.now, until);
      return text;
    };
    return {
      world,
      ports: world.portsWith({ store: { read }, cluster: { authenticates } }),
      mostAtOnce: () => most,
    };
  }

  it('finds the oldest password within ten seconds at 600 ms a login, with at most 16 logins at once', async () => {
    const { world, ports, mostAtOnce } = await hundredVersions();
    expect(await world.step('setSecret', 't1', ports)).toBe('changed');
    expect(mostAtOnce()).toBe(16);
    expect(world.now).toBeLessThan(10_000);
  });

  // docs/operations.md has these limits.
  it.each([
    [30_000, 1000, 'NONE_IN_FORCE'],
    [30_000, 1200, 'NOT_ENOUGH_TIME'],
    [60_000, 2900, 'NONE_IN_FORCE'],
    [60_000, 3100, 'NOT_ENOUGH_TIME'],
    [120_000, 5000, 'NONE_IN_FORCE'],
  ])(
    'with 100 stranded versions and a time-out of %i ms, logins of %i ms end in %s',
    async (timeout, loginMs, code) => {
      const { world, ports } = await hundredVersions(loginMs, timeout, 102);
      world.cluster.setByHand(USER, 'Set-elsewhere-1');
      await expect(world.step('setSecret', 't1', ports)).rejects.toMatchObject({ code });
    },
  );

  it('continues from the oldest of 100 stranded versions at 4.3 s a login within the default time-out', async () => {
    const { world, ports } = await hundredVersions(4300, 60_000, 102);
    world.cluster.setByHand(USER, 'Wrong-password-1');
    expect(await world.step('setSecret', 't1', ports)).toBe('changed');
  });
});

it('setSecret searches again after six seconds before an admin resets the password', async () => {
  const world = await withPending(new RotationWorld());
  world.cluster.setByHand(USER, 'A-proxy-without-its-root-coordinator-1');
  world.pinUser();
  world.configure({ adminSecretArn: 'arn:admin' });
  world.readSecret = () => Promise.reject(new Error('not to be read'));
  const ports = world.ports();
  const wait: typeof ports.clock.wait = async (milliseconds) => {
    await ports.clock.wait(milliseconds);
    world.cluster.setByHand(USER, FIRST_PASSWORD);
  };
  expect(await world.step('setSecret', 't1', { ...ports, clock: { ...ports.clock, wait } })).toBe('changed');
  expect(world.story).toContainEqual({ event: 'search-repeated', waitMs: 6000 });
});

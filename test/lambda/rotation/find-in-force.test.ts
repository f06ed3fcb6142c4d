import { describe, expect, it } from 'vitest';
import { SecretStoreError } from '../../../secret/store.ts';
import { document, ENDPOINT, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

async function pendingIn(world: RotationWorld): Promise<RotationWorld> {
  world.secret.startRotation('t1');
  await world.step('createSecret', 't1');
  world.story.length = 0;
  return world;
}

function tried(world: RotationWorld): string[] {
  return world.story.flatMap((news) =>
    news.event === 'candidate-tried' || news.event === 'candidate-skipped'
      ? `${news.candidate.versionId} ${news.event}`
      : [],
  );
}

describe('the search for the password in force', () => {
  it('tries each distinct password twice before it says that none is in force', async () => {
    const world = new RotationWorld();
    world.secret.storeByHand('v1', document('Wrong-password-1'));
    world.secret.storeByHand('v2', document('Wrong-password-1', { note: 1 }));
    world.secret.storeByHand('v3', 'not a credential');
    world.secret.storeByHand('v4', document('Wrong-password-4'));
    await pendingIn(world);
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({
      code: 'NONE_IN_FORCE',
      inForce: 'none of the stored',
      message: `NONE_IN_FORCE: http://127.0.0.1:19530 rejects every stored password of ${USER}, each tried twice: the pending, the current, the previous and up to 100 others, newest first.`,
    });
    expect(tried(world)).toEqual([
      't1 candidate-tried',
      'v4 candidate-tried',
      'v3 candidate-skipped',
      'v2 candidate-tried',
      'v0 candidate-tried',
      't1 candidate-tried',
      'v4 candidate-tried',
      'v2 candidate-tried',
      'v0 candidate-tried',
    ]);
    expect(world.cluster.received.map(({ password }) => password)).toEqual([
      'Generated-password-1',
      'Wrong-password-4',
      'Wrong-password-1',
      FIRST_PASSWORD,
      'Generated-password-1',
      'Wrong-password-4',
      'Wrong-password-1',
      FIRST_PASSWORD,
    ]);
  });

  it('lists the versions only when none of the named ones is in force, and reads none twice', async () => {
    const world = await pendingIn(new RotationWorld());
    const asked: string[] = [];
    const { secret } = world;
    const noting = <T>(what: string, answer: T): T => {
      asked.push(what);
      return answer;
    };
    const store = Object.create(secret, {
      list: { value: () => noting('list', secret.list()) },
      read: { value: (versionId: string) => noting(versionId, secret.read(versionId)) },
    });
    expect(await world.step('setSecret', 't1', { ...world.ports(), store })).toBe('changed');
    expect(asked).toEqual(['v0', 't1']);
  });

  it.each([
    ['gone by then', undefined, 'unreadable'],
    ['no credential', 'nothing', 'not a credential'],
    ['for another user', document('x', { username: 'other', token: 'other:x' }), 'other host or user'],
    ['for a host that is not allowed', document('x', { endpoint: 'https://example.com' }), 'other host or user'],
  ])('skips a version with the reason: %s', async (_, value, why) => {
    const world = await pendingIn(new RotationWorld());
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    const { secret } = world;
    const store = Object.create(secret, {
      list: { value: () => Promise.resolve([{ versionId: 'old', labels: [], createdAt: 0 }]) },
      read: { value: (versionId: string) => (versionId === 'old' ? Promise.resolve(value) : secret.read(versionId)) },
    });
    await expect(world.step('setSecret', 't1', { ...world.ports(), store })).rejects.toMatchObject({
      code: 'NONE_IN_FORCE',
    });
    expect(world.story).toContainEqual({
      event: 'candidate-skipped',
      candidate: { versionId: 'old', stage: 'stranded' },
      why,
    });
  });

  it('proves nothing when a version cannot be read for a reason that is none of the version', async () => {
    const world = await pendingIn(new RotationWorld());
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    const { secret } = world;
    const store = Object.create(secret, {
      list: { value: () => Promise.resolve([{ versionId: 'old', labels: [], createdAt: 0 }]) },
      read: {
        // What a store could only return by a bug of its own: reading it is an error of none of
        // the known kinds.
        value: (versionId: string) =>
          versionId === 'old' ? Promise.resolve({ trimStart: 1 } as unknown as string) : secret.read(versionId),
      },
    });
    await expect(world.step('setSecret', 't1', { ...world.ports(), store })).rejects.toMatchObject({
      code: 'UNEXPECTED',
    });
  });
});

describe('a version that cannot be decrypted', () => {
  /** The restored password is in the oldest version, and the key refuses the versions between. */
  async function restored(): Promise<RotationWorld> {
    const world = new RotationWorld();
    for (const token of ['r1', 'r2', 'r3', 'r4']) {
      expect(await world.attempt(token)).toBe('succeeded');
    }
    world.cluster.setByHand(USER, FIRST_PASSWORD);
    world.secret.undecryptable.add('r1').add('r2');
    world.story.length = 0;
    return await pendingIn(world);
  }

  it('is skipped, and a later one is found', async () => {
    const world = await restored();
    expect(await world.step('setSecret', 't1')).toBe('changed');
    for (const versionId of ['r2', 'r1']) {
      const candidate = { versionId, stage: 'stranded' };
      expect(world.story).toContainEqual({ event: 'candidate-skipped', candidate, why: 'denied' });
    }
  });

  it('is the reason of the failure if nothing is found', async () => {
    const world = await restored();
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({
      code: 'SECRETS_MANAGER_DENIED',
      message: expect.stringMatching(/rejects every stored password .* that could be read.*GetSecretValue failed/),
    });
  });

  it('does not keep an admin from resetting the password', async () => {
    const world = await restored();
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    world.cluster.addUser('root', 'Milvus-root-1').superUsers = ['root'];
    world.pinTarget();
    world.readAdmin = () =>
      Promise.resolve(JSON.stringify({ endpoint: ENDPOINT, username: 'root', password: 'Milvus-root-1' }));
    expect(await world.step('setSecret', 't1')).toBe('reset-by-admin');
  });

  it('fails the step if it is the previous one and Secrets Manager fails in another way', async () => {
    const world = await restored();
    const { secret } = world;
    const unavailable = { action: 'GetSecretValue', code: 'InternalServiceError', explanation: 'x' };
    const read = (versionId: string): Promise<string | undefined> =>
      versionId === 'r3'
        ? Promise.reject(new SecretStoreError({ ...unavailable, kind: 'unavailable' }))
        : secret.read(versionId);
    const store = Object.create(secret, { read: { value: read } });
    await expect(world.step('setSecret', 't1', { ...world.ports(), store })).rejects.toMatchObject({
      code: 'SECRETS_MANAGER_UNAVAILABLE',
    });
  });
});

describe('the search over a hundred versions at 600 ms a login', () => {
  it('ends within one invocation', async () => {
    const world = new RotationWorld();
    for (let version = 1; version <= 100; version++) {
      world.secret.storeByHand(`v${version}`, document(`Wrong-password-${version}`));
    }
    await pendingIn(world);
    let atATime = 0;
    let most = 0;
    const authenticates: typeof world.cluster.authenticates = async (credentials) => {
      most = Math.max(most, ++atATime);
      const until = world.now + 600;
      const login = await world.cluster.authenticates(credentials);
      world.now = Math.max(world.now, until);
      atATime -= 1;
      return login;
    };
    const cluster = Object.create(world.cluster, { authenticates: { value: authenticates } });
    expect(await world.step('setSecret', 't1', { ...world.ports(), cluster })).toBe('changed');
    expect(most).toBe(16);
    expect(world.now).toBeLessThan(10_000);
  });
});

it('a cluster that rejects every password for a moment is asked again before anything is reset', async () => {
  const world = await pendingIn(new RotationWorld());
  world.cluster.setByHand(USER, 'A-proxy-without-its-root-coordinator-1');
  world.pinTarget();
  world.readAdmin = () => Promise.reject(new Error('not to be read'));
  const ports = world.ports();
  const wait: typeof ports.clock.wait = async (milliseconds) => {
    await ports.clock.wait(milliseconds);
    world.cluster.setByHand(USER, FIRST_PASSWORD);
  };
  expect(await world.step('setSecret', 't1', { ...ports, clock: { ...ports.clock, wait } })).toBe('changed');
  expect(world.story).toContainEqual({ event: 'search-repeated', waitMs: 3000 });
});

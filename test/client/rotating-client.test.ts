import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { changePassword, startWorld } from './support/milvus.ts';

const UNAUTHENTICATED = 16;
const SUCCESS = { message: new Uint8Array() };

describe('a call that Milvus refuses', () => {
  it('is repeated with the pending version, before AWSCURRENT has moved', async () => {
    const world = await startWorld();
    const client = await world.client();
    await world.service.storePending('v2', 'orders:two');
    changePassword(world, 'orders:two');

    await client.getVersion();
    await client.getVersion();

    expect(world.tokensOf('GetVersion')).toEqual(['orders:one', 'orders:two', 'orders:two']);
    expect(world.events).toEqual([
      { type: 'interrupted', versionId: 'v1' },
      { type: 'refreshed', versionId: 'v2', stage: 'AWSPENDING', cause: 'refusal' },
      { type: 'recovered', versionId: 'v2', durationMs: expect.any(Number) },
    ]);
  });

  it('is repeated with another user, as the alternating strategy needs', async () => {
    const world = await startWorld();
    const client = await world.client();
    world.service.store('v2', 'orders_b:two');
    changePassword(world, 'orders_b:two');
    await client.getVersion();
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one', 'orders_b:two']);
    expect(client.credentials.current.username).toBe('orders_b');
  });

  it('finds a version that becomes AWSCURRENT between the reads of AWSCURRENT and AWSPENDING', async () => {
    const world = await startWorld();
    // A second round would have to wait for an hour.
    const client = await world.client({ minimumIntervalMs: 3_600_000 });
    changePassword(world, 'orders:two');
    world.service.onRequest = (request) => {
      if (request === 'GetSecretValue AWSPENDING') {
        world.service.store('v2', 'orders:two');
      }
    };
    await client.getVersion();
    expect(world.service.reads.slice(1)).toEqual([
      'GetSecretValue AWSCURRENT',
      'GetSecretValue AWSPENDING',
      'GetSecretValue AWSCURRENT',
    ]);
  });

  it('goes on with the next label if the first version found is refused too', async () => {
    const world = await startWorld();
    // A second round would have to wait for an hour.
    const client = await world.client({ minimumIntervalMs: 3_600_000 });
    world.service.store('v2', 'orders:wrong');
    await world.service.storePending('v3', 'orders:three');
    changePassword(world, 'orders:three');
    await client.getVersion();
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one', 'orders:wrong', 'orders:three']);
    expect(world.service.reads.slice(1)).toEqual(['GetSecretValue AWSCURRENT', 'GetSecretValue AWSPENDING']);
  });

  it('shares one search with all other calls', async () => {
    const world = await startWorld();
    const client = await world.client();
    await world.service.storePending('v2', 'orders:two');
    changePassword(world, 'orders:two');
    // The SDK's pool runs ten calls at the same time.
    const { promise, resolve } = Promise.withResolvers<void>();
    world.service.hold = promise;
    const calls = Promise.all(Array.from({ length: 10 }, () => client.getVersion()));
    await expect.poll(() => client.credentials.counters.refusedCalls).toBe(10);
    resolve();
    await calls;
    expect(world.service.reads.slice(1)).toEqual(['GetSecretValue AWSCURRENT', 'GetSecretValue AWSPENDING']);
    expect(client.credentials.counters).toMatchObject({ refreshes: 1, refusedCalls: 10, interruptions: 1 });
  });

  it('reads nothing if another call has replaced the refused version', async () => {
    const world = await startWorld();
    const client = await world.client();
    const late = client.credentials.attempts();
    world.service.store('v2', 'orders:two');
    changePassword(world, 'orders:two');
    await client.getVersion();
    const reads = world.service.reads.length;
    expect((await late.refused())?.versionId).toBe('v2');
    expect(world.service.reads).toHaveLength(reads);
    expect(world.events.filter(({ type }) => type === 'interrupted')).toHaveLength(1);
  });

  it('is sent once more with the same version, because a proxy can learn late of a change', async () => {
    const world = await startWorld();
    const client = await world.client();
    world.accepted.clear();
    world.service.onRequest = (request) => {
      // The second round.
      if (request === 'GetSecretValue AWSPENDING' && world.service.reads.length > 4) {
        world.accepted.add('orders:one');
      }
    };
    await client.getVersion();
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one', 'orders:one']);
  });

  it('waits for a version that is stored after the change', async () => {
    const world = await startWorld();
    const client = await world.client();
    changePassword(world, 'orders:two');
    const call = client.getVersion();
    await expect.poll(() => world.service.reads.length).toBeGreaterThan(9);
    world.service.store('v2', 'orders:two');
    await call;
    expect(world.tokensOf('GetVersion').at(-1)).toBe('orders:two');
  });

  it('fails with the answer of Milvus after the budget, and later calls start from AWSCURRENT', async () => {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 500 });
    await world.service.storePending('v2', 'orders:two');
    world.accepted.clear();
    await expect(client.getVersion()).rejects.toMatchObject({
      code: UNAUTHENTICATED,
      details: 'auth check failure, please check api key is correct',
    });
    const sent = world.tokensOf('GetVersion');
    expect(new Set(sent)).toEqual(new Set(['orders:one', 'orders:two']));
    expect(sent.length).toBeLessThanOrEqual(4);
    expect(client.credentials.current.versionId).toBe('v1');
    changePassword(world, 'orders:one');
    await client.getVersion();
  });

  it('fails at once if the next search, with its jitter, would begin after the budget', async () => {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 10_000, minimumIntervalMs: 8000 });
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.6);
    onTestFinished(() => random.mockRestore());
    world.accepted.clear();
    await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one']);
  });

  it('is sent only once after the budget, if there is no other version', async () => {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 50 });
    world.accepted.clear();
    await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
    const sent = world.tokensOf('GetVersion').length;
    await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
    expect(world.tokensOf('GetVersion')).toHaveLength(sent + 1);
  });

  it('ends a long interruption as soon as a new version is stored', async () => {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 50 });
    changePassword(world, 'orders:two');
    await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
    world.service.store('v2', 'orders:two');
    await client.getVersion();
    expect(world.events.at(-1)).toMatchObject({ type: 'recovered' });
    expect(client.credentials.counters.longestInterruptionMs).toBeGreaterThan(0);
  });
});

describe('every other error', () => {
  it.each([
    ['HTTP 401 of a gateway', { http: 401 }, UNAUTHENTICATED],
    ['HTTP 401 of a gateway, as grpc-js 1.7 reports it', { grpc: 16 }, UNAUTHENTICATED],
    ['PERMISSION_DENIED', { grpc: 7, details: 'no privilege' }, 7],
    ['NOT_FOUND', { grpc: 5, details: 'no such collection' }, 5],
  ])('passes through unchanged: %s', async (_title, answer, code) => {
    const world = await startWorld(({ method }) => (method === 'Connect' ? SUCCESS : answer));
    const client = await world.client();
    await world.service.storePending('v2', 'orders:two');
    await expect(client.getVersion()).rejects.toMatchObject({ code });
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one']);
    expect(world.service.reads).toEqual(['GetSecretValue AWSCURRENT']);
    expect(world.events).toEqual([]);
  });

  it("is retried by the SDK as before, with the SDK's headers", async () => {
    let failures = 1;
    const world = await startWorld(({ method }) => {
      failures -= method === 'GetVersion' ? 1 : 0;
      return method === 'GetVersion' && failures === 0 ? { grpc: 14, details: 'try again' } : SUCCESS;
    });
    const client = await world.client({ config: { maxRetries: 1, retryDelay: 1, database: 'sales' } });
    await client.getVersion();
    expect(world.tokensOf('GetVersion')).toHaveLength(2);
    expect(world.server.headers.map((headers) => headers['dbname'])).toEqual(['sales', 'sales', 'sales']);
  });
});

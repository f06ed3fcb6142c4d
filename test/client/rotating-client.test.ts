import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EndpointChangedError, type RotatingClientOptions } from '../../client/index.ts';
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
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const refusal = new Error('refused');
    const isRefusal = (error: unknown): boolean => error === refusal;
    const late = client.credentials.use(async ({ versionId }) => {
      await answered;
      return versionId === 'v1' ? Promise.reject(refusal) : versionId;
    }, isRefusal);
    world.service.store('v2', 'orders:two');
    changePassword(world, 'orders:two');
    await client.getVersion();
    const reads = world.service.reads.length;
    answer();
    expect(await late).toBe('v2');
    expect(world.service.reads).toHaveLength(reads);
    expect(world.events.filter(({ type }) => type === 'interrupted')).toHaveLength(1);
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

  it('fails with the answer of Milvus after the budget', async () => {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 200 });
    await world.service.storePending('v2', 'orders:two');
    world.accepted.clear();
    await expect(client.getVersion()).rejects.toMatchObject({
      code: UNAUTHENTICATED,
      details: 'auth check failure, please check api key is correct',
    });
    expect(new Set(world.tokensOf('GetVersion'))).toEqual(new Set(['orders:one', 'orders:two']));
    expect(client.credentials.current.versionId).toBe('v1');
  });
});

describe('after the budget', () => {
  /** A client whose budget has ended without an accepted version. */
  async function exhausted() {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 50, minimumIntervalMs: 300 });
    world.accepted.clear();
    await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
    return { world, client };
  }

  it.each(['v2', 'v1'])('the next call succeeds if the cluster accepts %s, which the secret holds', async (version) => {
    const { world, client } = await exhausted();
    const token = version === 'v2' ? 'orders:two' : 'orders:one';
    if (version === 'v2') {
      world.service.store('v2', token);
    }
    changePassword(world, token);
    await client.getVersion();
    expect(world.events.at(-1)).toMatchObject({ type: 'recovered', versionId: version });
  });

  it('each call reads the secret once more before it fails', async () => {
    const { world, client } = await exhausted();
    for (let call = 1; call <= 2; call += 1) {
      const reads = world.service.reads.length;
      await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
      expect(world.service.reads.slice(reads)).toContain('GetSecretValue AWSCURRENT');
    }
  });

  it.each([
    ['during a pause', 130, 600, 15_000],
    ['during a read', 0, 600, 15_000],
    ['beyond its deadline', 130, 2300, 1000],
  ])('a call that waits succeeds if the process was stopped %s', async (_title, waitedMs, stoppedMs, timeout) => {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 300, minimumIntervalMs: 200, config: { timeout } });
    // The answers of Secrets Manager take time, so they arrive after the timers that are due.
    world.service.onRequest = () => {
      world.service.hold = setTimeout(30);
    };
    world.accepted.clear();
    const call = client.getVersion();
    call.catch(() => undefined);
    await expect.poll(() => world.service.reads.length, { interval: 5 }).toBeGreaterThan(1);
    await setTimeout(waitedMs);
    world.service.store('v2', 'orders:two');
    changePassword(world, 'orders:two');
    // Stops every timer and socket of the process, as SIGSTOP does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stoppedMs);
    await call;
    expect(world.tokensOf('GetVersion').at(-1)).toBe('orders:two');
  });
});

describe('the endpoint of a later version', () => {
  /** A client that takes its endpoint from the secret, through `localhost`. */
  async function start(options: Partial<RotatingClientOptions> = {}) {
    const world = await startWorld();
    const { port } = world.server.endpoint;
    const store = (versionId: string, endpoint: string, password: string): void =>
      world.service.store(versionId, JSON.stringify({ endpoint, username: 'orders', password }));
    store('v1', `http://localhost:${port}`, 'one');
    const client = await world.client({ endpoint: undefined as never, ...options });
    changePassword(world, 'orders:two');
    return { world, client, port, store };
  }

  it.each([
    ['a trailing slash', (port: number) => `http://localhost:${port}/`],
    ['other letters', (port: number) => `HTTP://LocalHost:${port}`],
    ['a dot at its end', (port: number) => `http://localhost.:${port}`],
  ])('may have %s', async (_title, endpoint) => {
    const { world, client, port, store } = await start();
    store('v2', endpoint(port), 'two');
    await client.getVersion();
    expect(world.tokensOf('GetVersion').at(-1)).toBe('orders:two');
  });

  it('does not matter if the option endpoint is given', async () => {
    const world = await startWorld();
    world.service.store('v1', '{"endpoint":"https://one.test","username":"orders","password":"one"}');
    const client = await world.client();
    world.service.store('v2', '{"endpoint":"https://two.test","username":"orders","password":"two"}');
    changePassword(world, 'orders:two');
    await client.getVersion();
  });

  it('is the cause of the error if it names another cluster', async () => {
    const { world, client, store } = await start({ budgetMs: 50 });
    store('v2', 'https://milvus.test', 'two');
    await expect(client.getVersion()).rejects.toMatchObject({
      code: UNAUTHENTICATED,
      cause: expect.any(EndpointChangedError),
    });
    expect(world.tokensOf('GetVersion')).not.toContain('orders:two');
  });

  it('may be absent, and is compared with the first one afterwards', async () => {
    const { world, client, store } = await start({ budgetMs: 50 });
    world.service.store('v2', 'orders:two');
    await client.getVersion();
    world.accepted.clear();
    store('v3', 'https://milvus.test', 'three');
    await expect(client.getVersion()).rejects.toMatchObject({ cause: expect.any(EndpointChangedError) });
    expect(world.tokensOf('GetVersion')).not.toContain('orders:three');
  });
});

describe('every other error', () => {
  it.each([
    ["gRPC 16 in Envoy's words", { grpc: 16, details: 'Jwt is missing' }, UNAUTHENTICATED],
    ["gRPC 16 in a gateway's words", { grpc: 16, details: 'authentication failed' }, UNAUTHENTICATED],
    [
      'gRPC 16 for a request without a token',
      { grpc: 16, details: 'missing authorization in header' },
      UNAUTHENTICATED,
    ],
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

  it('is a refusal if the option isRefusal says so', async () => {
    const world = await startWorld(({ method, authorization }) =>
      method === 'Connect' || authorization === 'orders:two' ? SUCCESS : { grpc: 16, details: 'key expired' },
    );
    const client = await world.client({ isRefusal: ({ details }) => details === 'key expired' });
    world.accepted.add('orders:two');
    world.service.store('v2', 'orders:two');
    await client.getVersion();
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one', 'orders:two']);
  });

  it('is the answer of Milvus if the option isRefusal throws, with the thrown error as its cause', async () => {
    const world = await startWorld();
    const bug = new TypeError('a bug of the application');
    const isRefusal = (): never => {
      throw bug;
    };
    const client = await world.client({ isRefusal });
    world.accepted.clear();
    await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED, cause: bug });
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

import { inspect } from 'node:util';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CallInvocationTransformer } from '@grpc/grpc-js';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createRotatingClient,
  DocumentError,
  EndpointError,
  type RotatingMilvusClient,
  SecretStoreError,
} from '../../client/index.ts';
import { leakedForms } from '../support/password-forms.ts';
import { rotate, startWorld } from './support/milvus.ts';

const UNAUTHENTICATED = 16;

describe('the creation of a client', () => {
  it('avoids the proxy of the environment for plain text', async () => {
    const world = await startWorld();
    vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
    // Otherwise the tests of this project use no proxy at all.
    vi.stubEnv('no_proxy', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    await world.client();
    expect(world.tokensOf('Connect')).toEqual(['orders:one']);
  });

  it.each([
    ['no endpoint', 'orders:one', TypeError],
    ['http to another host', '{"endpoint":"http://milvus.test","username":"a","password":"b"}', EndpointError],
    ['no credential', 'an-api-key', DocumentError],
  ])('rejects a secret with %s', async (_title, value, type) => {
    const world = await startWorld();
    world.service.store('v2', value);
    const creation = createRotatingClient({ secretId: 'milvus/orders', secretsManager: world.service.client });
    await expect(creation).rejects.toThrow(type);
  });

  it('rejects if the secret cannot be read', async () => {
    const world = await startWorld();
    world.service.outage = 'AccessDeniedException';
    const error: unknown = await world.client().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SecretStoreError);
    expect(error).toMatchObject({ kind: 'denied', code: 'AccessDeniedException' });
  });

  it('rejects if Milvus refuses the password, and leaves no unhandled rejection and no connection', async () => {
    const world = await startWorld();
    world.accepted.clear();
    await expect(world.client({ budgetMs: 1 })).rejects.toMatchObject({ code: UNAUTHENTICATED });
    await expect.poll(() => world.server.connections.every((connection) => connection.destroyed)).toBe(true);
  });

  it('does not connect before the first call with __SKIP_CONNECT__', async () => {
    const world = await startWorld();
    const client = await world.client({ config: { __SKIP_CONNECT__: true } });
    expect(world.server.calls).toEqual([]);
    await client.getVersion();
    expect(world.tokensOf('GetVersion')).toEqual(['orders:one']);
  });

  it.each<[string, string, (assigned: object) => object | undefined]>([
    ['options', 'channelOptions', () => ({})],
    ['transformer of calls', 'channelOptions', () => ({ interceptors: [] })],
    ['interceptors', 'channelOptions', (assigned) => ({ ...assigned, interceptors: undefined })],
    ['pool', 'channelPool', () => undefined],
  ])('rejects at once with an SDK of another shape, which has no %s', async (_title, name, change) => {
    const world = await startWorld();
    let assigned = {};
    Object.defineProperty(MilvusClient.prototype, name, {
      get: () => change(assigned),
      set: (value: object) => {
        assigned = value;
      },
      configurable: true,
    });
    onTestFinished(() => void Reflect.deleteProperty(MilvusClient.prototype, name));
    const creation = world.client({ config: { __SKIP_CONNECT__: true } });
    await expect(creation).rejects.toThrow('milvus2-sdk-node');
    expect(world.server.calls).toEqual([]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an interval of %d ms', async (minimumIntervalMs) => {
    const world = await startWorld();
    await expect(world.client({ minimumIntervalMs })).rejects.toThrow(RangeError);
  });
});

describe('a wait for a version', () => {
  async function refusedCall(config = {}) {
    const world = await startWorld();
    const client = await world.client({ budgetMs: 3_600_000, config });
    world.accepted.clear();
    world.service.hold = new Promise(() => undefined);
    const call = client.getVersion();
    call.catch(() => undefined);
    await expect.poll(() => client.credentials.counters.refusedCalls).toBe(1);
    return { client, call };
  }

  it.each(['close', 'closeConnection'] as const)('ends with the refusal at %s()', async (method) => {
    const { client, call } = await refusedCall();
    const closed = client[method]();
    await expect(call).rejects.toMatchObject({ code: UNAUTHENTICATED });
    await closed;
  });

  it('ends with the refusal at close(), and reads no more, if the next search has to wait', async () => {
    const world = await startWorld();
    // Node warns of a timer that is longer, and ends it at once.
    const longest = 2 ** 31 - 1;
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => warning.mockRestore());
    const client = await world.client({ budgetMs: longest, minimumIntervalMs: longest });
    rotate(world);
    await client.getVersion();
    const { length } = world.service.reads;
    world.accepted.clear();
    const call = client.getVersion();
    call.catch(() => undefined);
    await expect.poll(() => client.credentials.counters.refusedCalls).toBe(2);
    await client.close();
    await expect(call).rejects.toMatchObject({ code: UNAUTHENTICATED });
    expect(world.service.reads).toHaveLength(length);
    expect(warning).not.toHaveBeenCalled();
  });

  it('ends with the refusal at the deadline of the call', async () => {
    const { call } = await refusedCall({ timeout: 2000 });
    await expect(call).rejects.toMatchObject({ code: UNAUTHENTICATED });
  });
});

describe('a closed client', () => {
  it.each<[string, (client: RotatingMilvusClient) => unknown]>([
    ['close()', (client) => client.close()],
    ['its disposal', (client) => client[Symbol.asyncDispose]()],
    ['the end of its credentials', (client) => client.credentials.close()],
  ])('has no connection after %s', async (_title, end) => {
    const world = await startWorld();
    const client = await world.client();
    await client.getVersion();
    await end(client);
    await expect.poll(() => world.server.connections.every((connection) => connection.destroyed)).toBe(true);
    expect(world.server.connections.length).toBeGreaterThan(0);
    await expect(client.getVersion()).rejects.toThrow();
  });

  it('reads the secret no more', async () => {
    const world = await startWorld();
    const client = await world.client({ backgroundIntervalMs: 1 });
    await expect.poll(() => world.service.reads.length).toBeGreaterThan(3);
    await client.close();
    const { length } = world.service.requests;
    world.service.store('v2', 'orders:two');
    await client.close();
    expect(client.credentials.current.versionId).toBe('v1');
    expect(world.service.requests.length - length).toBeLessThanOrEqual(1);
  });
});

it('a channel that the pool of the SDK has closed is not kept, and leaves no connection', async () => {
  v8.setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const world = await startWorld();
  const channels: WeakRef<object>[] = [];
  const callInvocationTransformer: CallInvocationTransformer = (call) => {
    channels.push(new WeakRef(call.channel));
    return call;
  };
  const pool = { min: 0, max: 1, idleTimeoutMillis: 100, evictionRunIntervalMillis: 10 };
  const client = await world.client({ config: { pool, channelOptions: { callInvocationTransformer } } });
  await expect.poll(() => client.channelPool.size).toBe(0);
  // The SDK may keep the last channel.
  await client.getVersion();
  await expect.poll(() => client.channelPool.size).toBe(0);
  await expect.poll(() => world.server.connections.every((connection) => connection.destroyed)).toBe(true);
  expect(world.server.connections).toHaveLength(2);
  await expect
    .poll(() => {
      collectGarbage();
      return channels[0]?.deref();
    })
    .toBeUndefined();
});

it('a channel that the pool of the SDK has closed before its first call leaves no connection', async () => {
  const world = await startWorld();
  const pool = { min: 3, max: 3, idleTimeoutMillis: 100, evictionRunIntervalMillis: 10 };
  const client = await world.client({ config: { pool } });
  const closed = vi.spyOn(client.channelPool as unknown as { _destroy(): void }, '_destroy');
  await expect.poll(() => closed.mock.calls.length).toBeGreaterThan(6);
  await client.close();
  await expect.poll(() => world.server.connections.every((connection) => connection.destroyed)).toBe(true);
});

describe('a credential', () => {
  const PASSWORD = 'Pa-ss_w0rd.never~shown';

  it('appears in no inspection, event, counter or error', async () => {
    const world = await startWorld();
    world.accepted.add(`orders:${PASSWORD}`);
    world.service.store('v2', `orders:${PASSWORD}`);
    const client = await world.client({ budgetMs: 1 });
    world.accepted.clear();
    const error: unknown = await client.getVersion().catch((reason: unknown) => reason);
    world.service.store('v3', `{"username":"orders","password":"${PASSWORD}"`);
    const unusable: unknown = await client.getVersion().catch((reason: unknown) => reason);
    expect(client.credentials.current.password).toBe(PASSWORD);
    const { current } = client.credentials;
    const printed = [client, client.credentials, current, world.events, client.credentials.counters, error, unusable];
    const options = { showHidden: true, getters: true };
    // The SDK's client holds large protocol descriptions.
    const text = printed
      .map((value) => inspect(value, { ...options, depth: value === client ? 3 : 12 }) + String(value))
      .join('\n');
    expect(text).toContain("versionId: 'v2'");
    expect(leakedForms(text + JSON.stringify([current, world.events, error]), [PASSWORD])).toEqual([]);
  });
});

describe('the listener of an application', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => throws(new Error('a full disk'))],
    ['throws undefined', () => throws(undefined)],
    ['throws an object without a text', () => throws(Object.create(null))],
    ['rejects', () => Promise.reject(new Error('a full disk'))],
    // biome-ignore lint/suspicious/noThenProperty: other libraries have promises of their own.
    ['returns a broken promise', () => ({ then: () => throws(new Error('a full disk')) })],
  ])('fails no call and does not end the process if it %s', async (_title, listen) => {
    const world = await startWorld();
    const warnings: unknown[] = [];
    const rejections: unknown[] = [];
    const collect = (reason: unknown): unknown => rejections.push(reason);
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation((given: unknown) => void warnings.push(given));
    process.on('unhandledRejection', collect);
    onTestFinished(() => {
      warning.mockRestore();
      process.off('unhandledRejection', collect);
    });
    const client = await world.client({ onEvent: listen });
    rotate(world);
    await client.getVersion();
    await expect.poll(() => warnings.length).toBeGreaterThan(0);
    expect(rejections).toEqual([]);
    expect(warnings[0]).toBeInstanceOf(Error);
  });
});

function throws(reason: unknown): never {
  throw reason;
}

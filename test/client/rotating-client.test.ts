import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type Client, InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { rotate, startWorld } from './support/milvus.ts';

const UNAUTHENTICATED = 16;
const SUCCESS = { message: new Uint8Array() };

describe('if the process was stopped', () => {
  it.each([
    ['its budget', 1000, 15_000],
    ['its deadline', 10_000, 1000],
  ])('beyond %s, a call that waits succeeds', async (_title, budgetMs, timeout) => {
    const world = await startWorld();
    const client = await world.client({ budgetMs, minimumIntervalMs: 900, config: { timeout } });
    // The answers of Secrets Manager take time, so they arrive after the timers that are due.
    world.service.onRequest = () => {
      world.service.hold = setTimeout(30);
    };
    world.accepted.clear();
    const call = client.getVersion();
    call.catch(() => undefined);
    // The first read, and a round. Then the call waits for the next one.
    await expect.poll(() => world.service.reads.length, { interval: 5 }).toBe(4);
    rotate(world);
    // Stops every timer and socket of the process, as SIGSTOP does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2300);
    await call;
    expect(world.tokensOf('GetVersion').at(-1)).toBe('orders:two');
  });
});

it('a clock that jumps beyond the deadline of a refused call fails no call, and causes no warning', async () => {
  const world = await startWorld();
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const { now } = Date;
  const time = vi.spyOn(Date, 'now');
  onTestFinished(() => void vi.restoreAllMocks());
  const client = await world.client({
    isRefusal: ({ code }) => {
      time.mockImplementation(() => now() + 3_600_000);
      return code === UNAUTHENTICATED;
    },
  });
  rotate(world);
  await client.getVersion();
  expect(world.tokensOf('GetVersion')).toEqual(['orders:one', 'orders:two']);
  expect(warning).not.toHaveBeenCalled();
});

it('a stream, of which the SDK uses none, has the credential in use and is not repeated', async () => {
  const world = await startWorld();
  const client = await world.client();
  const service: Client = await client.channelPool.acquire();
  await client.channelPool.release(service);
  world.accepted.clear();
  const bytes = (value: Buffer): Buffer => value;
  const path = '/milvus.proto.milvus.MilvusService/DumpMessages';
  // Replaces the interceptors of the SDK, which expect one answer.
  const none: Interceptor = (options, nextCall) => new InterceptingCall(nextCall(options));
  const options = { interceptors: [none] };
  const stream = service.makeServerStreamRequest(path, bytes, bytes, Buffer.of(), options);
  const [error] = await once(stream.resume(), 'error');
  expect(error).toMatchObject({ code: UNAUTHENTICATED });
  expect(world.tokensOf('DumpMessages')).toEqual(['orders:one']);
  expect(client.credentials.counters.refusedCalls).toBe(0);
});

describe('the endpoint of a later version', () => {
  it('does not matter if the option endpoint is given', async () => {
    const world = await startWorld();
    world.service.store('v1', '{"endpoint":"https://one.test","username":"orders","password":"one"}');
    const client = await world.client();
    rotate(world, '{"endpoint":"https://two.test","username":"orders","password":"two"}');
    await client.getVersion();
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
    ["another code in Milvus's words", { grpc: 3, details: 'auth check failure' }, 3],
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

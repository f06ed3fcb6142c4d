import { Client, type ClientUnaryCall, credentials as channelCredentials, Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRotatingCredentials, type SecretVersion, type Stage } from '../../client/index.ts';
import { isMilvusRefusal } from '../../client/milvus-token.ts';
import { replayInterceptor } from '../../client/replaying-call.ts';
import { grpcServer } from '../adapters/support/grpc-server.ts';

const bytes = (value: Buffer): Buffer => value;

/** A client of gRPC, because the SDK cancels no call. The cluster accepts `orders:two`. */
async function startCalls() {
  const server = await grpcServer(({ authorization }) =>
    authorization === 'orders:two' ? { message: new Uint8Array() } : { grpc: 16, details: 'auth check failure' },
  );
  const secret = { version: { versionId: 'v1', value: 'orders:one' }, hold: Promise.resolve() };
  const load = async (stage: Stage): Promise<SecretVersion | undefined> => {
    await secret.hold;
    return stage === 'AWSCURRENT' ? secret.version : undefined;
  };
  const credentials = await createRotatingCredentials({ source: { load }, minimumIntervalMs: 1 });
  const client = new Client(server.endpoint.url.replace('http://', ''), channelCredentials.createInsecure(), {
    interceptors: [replayInterceptor(credentials, isMilvusRefusal)],
    'grpc.enable_http_proxy': 0,
  });
  onTestFinished(() => {
    credentials.close();
    client.close();
  });
  secret.version = { versionId: 'v2', value: 'orders:two' };
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const begin = (metadata = new Metadata()): ClientUnaryCall =>
    client.makeUnaryRequest('/test/call', bytes, bytes, Buffer.of(), metadata, {}, resolve);
  const tokens = (): string[] => server.calls.map(({ authorization }) => authorization);
  return { client, credentials, secret, begin, ended, tokens };
}

it('a refused call is repeated, and leaves the metadata of the application unchanged', async () => {
  const { begin, ended, tokens } = await startCalls();
  const metadata = new Metadata();
  metadata.set('dbname', 'sales');
  begin(metadata);
  expect(await ended).toBeNull();
  expect(tokens()).toEqual(['orders:one', 'orders:two']);
  expect(metadata.getMap()).toEqual({ dbname: 'sales' });
});

it('a refused call ends with its refusal if its channel is closed meanwhile', async () => {
  const { client, credentials, secret, begin, ended } = await startCalls();
  const { promise, resolve } = Promise.withResolvers<void>();
  secret.hold = promise;
  begin();
  await expect.poll(() => credentials.counters.refusedCalls).toBe(1);
  client.close();
  resolve();
  expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED, cause: { message: 'Channel has been shut down' } });
});

describe('a call that is cancelled', () => {
  it('ends at once if it waits for a version', async () => {
    const { credentials, secret, begin, ended, tokens } = await startCalls();
    secret.hold = new Promise(() => undefined);
    const call = begin();
    await expect.poll(() => credentials.counters.refusedCalls).toBe(1);
    call.cancel();
    expect(await ended).toMatchObject({ code: status.CANCELLED });
    expect(tokens()).toEqual(['orders:one']);
  });

  it('ends as cancelled, at each of the moments before it is repeated', async () => {
    for (let moments = 0; moments < 60; moments += 1) {
      const { credentials, secret, begin, ended } = await startCalls();
      const { promise, resolve } = Promise.withResolvers<void>();
      secret.hold = promise;
      const call = begin();
      await expect.poll(() => credentials.counters.refusedCalls, { interval: 1 }).toBe(1);
      resolve();
      for (let moment = 0; moment < moments; moment += 1) {
        await Promise.resolve();
      }
      call.cancel();
      expect(await ended).toMatchObject({ code: status.CANCELLED });
    }
  });
});

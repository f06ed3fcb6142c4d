import {
  Client,
  credentials as channelCredentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRotatingCredentials, type SecretVersion, type Stage } from '../../client/index.ts';
import { isMilvusRefusal } from '../../client/milvus-token.ts';
import { replayInterceptor } from '../../client/replaying-call.ts';

const bytes = (value: Buffer): Buffer => value;
const TYPES = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};

const SECOND: SecretVersion = { versionId: 'v2', value: 'orders:two' };

const SERVICE = {
  read: { path: '/test/read', requestStream: false, responseStream: true, ...TYPES },
  write: { path: '/test/write', requestStream: true, responseStream: false, ...TYPES },
};

/**
 * A server with streams, which the SDK does not have, and which accepts `orders:two`.
 *
 * @param refuseAfter the number of messages before a refusal.
 */
async function startStreams(refuseAfter = 0) {
  const tokens: string[] = [];
  const refusal = Object.assign(new Error(), { code: status.UNAUTHENTICATED, details: 'auth check failure' });
  const isAccepted = (metadata: Metadata): boolean => {
    const token = Buffer.from(String(metadata.get('authorization')[0]), 'base64').toString();
    tokens.push(token);
    return token === 'orders:two';
  };
  const server = new Server();
  server.addService(SERVICE, {
    read: (call: ServerWritableStream<Buffer, Buffer>) => {
      const accepted = isAccepted(call.metadata);
      for (let part = 0; part < (accepted ? 3 : refuseAfter); part += 1) {
        call.write(Buffer.from(`${call.request.toString()} ${part}`));
      }
      if (accepted) {
        call.end();
      } else {
        call.emit('error', refusal);
      }
    },
    write: (call: ServerReadableStream<Buffer, Buffer>, answer: (error: Error) => void) => {
      isAccepted(call.metadata);
      answer(refusal);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const secret = { version: { versionId: 'v1', value: 'orders:one' }, hold: Promise.resolve() };
  const load = async (stage: Stage): Promise<SecretVersion | undefined> => {
    await secret.hold;
    return stage === 'AWSCURRENT' ? secret.version : undefined;
  };
  const credentials = await createRotatingCredentials({ source: { load }, minimumIntervalMs: 1 });
  const client = new Client(`127.0.0.1:${port}`, channelCredentials.createInsecure(), {
    interceptors: [replayInterceptor(credentials, isMilvusRefusal)],
    'grpc.enable_http_proxy': 0,
  });
  onTestFinished(() => {
    credentials.close();
    client.close();
    server.forceShutdown();
  });
  return { client, credentials, secret, tokens };
}

const read = (client: Client, given = new Metadata()) =>
  client.makeServerStreamRequest('/test/read', bytes, bytes, Buffer.from('part'), given);

describe('a server stream', () => {
  it('is repeated if it is refused, and delivers every message once and in order', async () => {
    const { client, secret, tokens } = await startStreams();
    secret.version = SECOND;
    const messages: string[] = [];
    const metadata = new Metadata();
    metadata.set('dbname', 'sales');
    for await (const message of read(client, metadata)) {
      messages.push(String(message));
    }
    expect(messages).toEqual(['part 0', 'part 1', 'part 2']);
    expect(tokens).toEqual(['orders:one', 'orders:two']);
    expect(metadata.getMap()).toEqual({ dbname: 'sales' });
  });

  it('is not repeated after its first message, which would come twice', async () => {
    const { client, secret, tokens } = await startStreams(1);
    secret.version = SECOND;
    const messages: string[] = [];
    const reading = (async () => {
      for await (const message of read(client)) {
        messages.push(String(message));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    expect(messages).toEqual(['part 0']);
    expect(tokens).toEqual(['orders:one']);
  });

  it('ends at once if it is cancelled while it waits for a version', async () => {
    const { client, credentials, secret, tokens } = await startStreams();
    secret.hold = new Promise(() => undefined);
    const stream = read(client);
    stream.resume();
    const ended = new Promise((resolve) => stream.once('error', resolve));
    await expect.poll(() => credentials.counters.refusedCalls).toBe(1);
    stream.cancel();
    expect(await ended).toMatchObject({ code: status.CANCELLED });
    expect(tokens).toEqual(['orders:one']);
  });
});

describe('a call that is cancelled while another credential arrives', () => {
  it('ends as cancelled, at each of the moments before it is repeated', async () => {
    for (let moments = 0; moments < 60; moments += 1) {
      const { client, credentials, secret } = await startStreams();
      secret.version = SECOND;
      const { promise, resolve } = Promise.withResolvers<void>();
      secret.hold = promise;
      const stream = read(client);
      stream.resume();
      const ended = new Promise((end) => stream.once('error', end).once('end', end));
      await expect.poll(() => credentials.counters.refusedCalls, { interval: 1 }).toBe(1);
      resolve();
      for (let moment = 0; moment < moments; moment += 1) {
        await Promise.resolve();
      }
      stream.cancel();
      expect(await ended).toMatchObject({ code: status.CANCELLED });
    }
  });
});

describe('a client stream', () => {
  it('is not repeated, because its messages are not kept', async () => {
    const { client, secret, tokens } = await startStreams();
    secret.version = SECOND;
    const error = await new Promise((resolve) => {
      client.makeClientStreamRequest('/test/write', bytes, bytes, new Metadata(), {}, resolve).end();
    });
    expect(error).toMatchObject({ code: status.UNAUTHENTICATED });
    expect(tokens).toEqual(['orders:one']);
  });
});

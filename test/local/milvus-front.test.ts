import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type MilvusCall, milvusFront } from '../../local/servers/milvus-front.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';

/** The calls that have reached the cluster. */
let reached: ServerHttp2Stream[];

beforeEach(() => {
  reached = [];
});

/** @returns a client of the front of a cluster that answers nothing */
async function clientOf(answer: Parameters<typeof milvusFront>[1]): Promise<ClientHttp2Session> {
  const cluster = await listenOnLoopback(
    createServer().on('stream', (stream) => reached.push(stream.on('error', () => undefined))),
  );
  const front = await listenOnLoopback(milvusFront({ endpoint: cluster.url }, answer));
  const client = connect(front.url);
  onTestFinished(async () => {
    client.destroy();
    await Promise.all([front.stop(), cluster.stop()]);
  });
  return client;
}

function call(client: ClientHttp2Session, path: string): ClientHttp2Stream {
  return client.request({ ':path': path, ':method': 'POST' });
}

test.each<['its caller' | 'the cluster', number]>([
  ['its caller', constants.NGHTTP2_CANCEL],
  ['the cluster', constants.NGHTTP2_INTERNAL_ERROR],
])('a call that %s gives up ends on both sides, and no other call of the connection', async (side, code) => {
  const client = await clientOf((forwarded) => forwarded.forward());
  const given = call(client, '/given-up').on('error', () => undefined);
  await expect.poll(() => reached.length).toBe(1);
  const kept = call(client, '/kept').end();
  const answered = once(kept, 'response');
  await expect.poll(() => reached.length).toBe(2);
  (side === 'its caller' ? given : reached[0])?.close(code);
  await expect.poll(() => [given.closed, reached[0]?.closed]).toEqual([true, true]);
  reached[1]?.respond({ ':status': 200 }, { endStream: true });
  expect((await answered)[0]).toMatchObject({ ':status': 200 });
  expect(client.destroyed).toBe(false);
});

test.each<[string, (call: MilvusCall) => Promise<unknown>]>([
  ['unread', async () => undefined],
  ['read before', async (forwarded) => expect((await forwarded.message()).toString()).toBe('four')],
])('a call is forwarded while its caller has not ended it, its message %s', async (_, before) => {
  const client = await clientOf(async (forwarded) => {
    await before(forwarded);
    return await forwarded.forward();
  });
  const caller = call(client, '/insert');
  const message = Buffer.from([0, 0, 0, 0, 4, ...Buffer.from('four')]);
  caller.write(message.subarray(0, 7));
  caller.write(message.subarray(7));
  const answered = caller.toArray();
  await expect.poll(() => reached.length).toBe(1);
  const received: Buffer[] = [];
  reached[0]?.on('data', (bytes: Buffer) => received.push(bytes));
  await expect.poll(() => Buffer.concat(received)).toEqual(message);
  reached[0]?.respond({ ':status': 200 }, { waitForTrailers: true });
  reached[0]?.on('wantTrailers', () => reached[0]?.sendTrailers({ 'grpc-status': '0' }));
  reached[0]?.end('answer');
  expect(Buffer.concat((await answered) as Buffer[]).toString()).toBe('answer');
});

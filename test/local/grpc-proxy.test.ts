import { once } from 'node:events';
import { connect, constants, createServer, type ServerHttp2Stream } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { forward, grpcProxy, respond } from '../../local/servers/grpc-proxy.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';

test('a call that its caller gives up does not end the other calls of the connection', async () => {
  const waiting: ServerHttp2Stream[] = [];
  const cluster = await listenOnLoopback(createServer().on('stream', (stream) => waiting.push(stream)));
  const target = { endpoint: `http://127.0.0.1:${cluster.port}` };
  const server = grpcProxy(target, async (request) => respond(request.stream, await forward(request)));
  const proxy = await listenOnLoopback(server);
  const client = connect(`http://127.0.0.1:${proxy.port}`);
  onTestFinished(async () => {
    client.destroy();
    await Promise.all([proxy.stop(), cluster.stop()]);
  });

  const send = (path: string) => client.request({ ':path': path, ':method': 'POST' }).end();
  const answer = (index: number): void => waiting[index]?.respond({ ':status': 200 }, { endStream: true });
  const [given, kept] = [send('/given-up'), send('/kept')];
  await expect.poll(() => waiting.length).toBe(2);
  given.close(constants.NGHTTP2_CANCEL);
  await once(given, 'close');
  answer(0);
  // Its answer comes after that late one.
  const later = send('/later');
  await expect.poll(() => waiting.length).toBe(3);
  answer(2);
  await once(later, 'response');
  answer(1);
  expect((await once(kept, 'response'))[0]).toMatchObject({ ':status': 200 });
});

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

  const [given, kept] = ['/given-up', '/kept'].map((path) =>
    client.request({ ':path': path, ':method': 'POST' }).end(),
  );
  const answered = once(kept ?? expect.fail(), 'response');
  await expect.poll(() => waiting.length).toBe(2);
  given?.close(constants.NGHTTP2_CANCEL);
  await once(given ?? expect.fail(), 'close');
  // The answer to the first call comes too late.
  for (const stream of waiting) {
    stream.respond({ ':status': 200 });
    stream.end();
  }
  expect((await answered)[0]).toMatchObject({ ':status': 200 });
  expect(client.destroyed).toBe(false);
});

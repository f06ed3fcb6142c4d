import { createServer, type Server } from 'node:net';
import { onTestFinished } from 'vitest';
import { LOOPBACK } from '../../local/cloud/access.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';

/** Registers what closes a server. */
export type AtEnd = (close: () => void) => void;

/**
 * Starts the server at a free port of 127.0.0.1, until the test ends with all its connections.
 *
 * @param atEnd Concurrent tests pass `onTestFinished` of their own context.
 */
export async function serve(
  server: Server,
  protocol: 'http' | 'https' = 'http',
  atEnd: AtEnd = onTestFinished,
): Promise<Endpoint> {
  const listening = listenOnLoopback(server);
  atEnd(() => void listening.then(({ stop }) => stop()));
  return parseEndpoint(`${protocol}://127.0.0.1:${(await listening).port}`, LOOPBACK);
}

/** An endpoint of this machine at which nothing listens. */
export async function unusedEndpoint(): Promise<Endpoint> {
  const { port, stop } = await listenOnLoopback(createServer());
  await stop();
  return parseEndpoint(`http://127.0.0.1:${port}`, LOOPBACK);
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Endpoint, type EndpointRules, parseEndpoint } from '../../protocol/cluster/endpoint.ts';

export const LOOPBACK: EndpointRules = { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false };

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
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  atEnd(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return parseEndpoint(`${protocol}://127.0.0.1:${await listen(server)}`, LOOPBACK);
}

/** An endpoint of this machine at which nothing listens. */
export async function unusedEndpoint(): Promise<Endpoint> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return parseEndpoint(`http://127.0.0.1:${port}`, LOOPBACK);
}

/** Starts the server at a free port of 127.0.0.1. @returns the port */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

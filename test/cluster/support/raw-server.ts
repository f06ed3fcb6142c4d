import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Endpoint, parseEndpoint } from '../../../cluster/endpoint.ts';

/** Starts a TCP server on loopback that answers the first bytes of each connection. */
export async function rawServer(answer: (socket: Socket) => void): Promise<Endpoint> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  const endpoint = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return endpoint;
}

/** An endpoint at which nothing listens. */
export async function unusedEndpoint(): Promise<Endpoint> {
  const server = createServer();
  const endpoint = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return endpoint;
}

async function listen(server: Server): Promise<Endpoint> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return parseEndpoint(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, {
    allowed: ['127.0.0.1'],
    allowPlaintext: false,
  });
}

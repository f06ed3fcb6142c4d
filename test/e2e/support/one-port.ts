import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type Listening, listenOnLoopback } from '../../../local/servers/ports.ts';

/** The first bytes of HTTP/2 without TLS, which gRPC speaks. */
const HTTP2 = 'PRI * HTTP/2.0';

/** Serves gRPC and REST at one port of 127.0.0.1, as Milvus does. */
export async function onePort(grpc: string, rest: string): Promise<Listening> {
  const relay = async (socket: Socket): Promise<void> => {
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    const { hostname, port } = new URL(first.toString('latin1').startsWith(HTTP2) ? grpc : rest);
    const target = connect(Number(port), hostname).on('error', () => socket.destroy());
    target.on('close', () => socket.destroy());
    socket.on('close', () => target.destroy());
    target.write(first);
    socket.pipe(target).pipe(socket);
  };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    relay(socket).catch(() => socket.destroy());
  });
  return await listenOnLoopback(server);
}

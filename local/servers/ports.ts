import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Linux takes the ports of outgoing connections from a higher range. */
const FIRST = 20_000;
const LAST = 32_000;

/** Different processes start their search at different ports. */
let next = FIRST + ((process.pid * 40) % (LAST - FIRST));

/** Finds ports without a listener. The ports are not reserved: another process can take them. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempts = 0; ports.length < count; attempts++) {
    if (attempts > LAST - FIRST) {
      throw new Error(
        `Only ${ports.length} of ${count} ports between ${FIRST} and ${LAST} are free. Stop other servers.`,
      );
    }
    const port = next;
    next = next + 1 > LAST ? FIRST : next + 1;
    if (await isFree(port)) {
      ports.push(port);
    }
  }
  return ports;
}

/** Tries every address, as Milvus listens on all of them. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

export interface Listening {
  readonly port: number;
  /** Of a server of HTTP without TLS. */
  readonly url: string;
  closeConnections(): void;
  /** Ends all connections, and waits until the server has stopped. */
  stop(): Promise<void>;
}

/** Starts a server at a free port of 127.0.0.1. */
export async function listenOnLoopback(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closeConnections = (): void => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    closeConnections();
    await closed;
  };
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, closeConnections, stop };
}

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { listen } from '../../support/loopback.ts';

/** A host that accepts connections and answers nothing, like a Milvus that SIGSTOP has stopped. */
export interface SilentHost {
  readonly endpoint: string;
  /** Resolves after the first connection. */
  readonly connected: Promise<unknown>;
}

/** A host that runs until the process of the test ends. */
export async function silentHost(): Promise<SilentHost> {
  const { endpoint, server } = await start(() => undefined);
  return { endpoint, connected: once(server, 'connection') };
}

/** A host that passes everything to another host while it answers. */
export interface FrontHost {
  readonly endpoint: string;
  answer(): void;
  /** Ends all connections, and answers no further one. @returns after the next connection */
  silence(): Promise<unknown>;
}

export async function frontOf(endpoint: string): Promise<FrontHost> {
  const { hostname, port } = new URL(endpoint);
  let answers = true;
  const passed = new Set<Socket>();
  const front = await start((socket) => {
    if (answers) {
      passed.add(socket);
      pipeline(socket, connect(Number(port), hostname), socket, () => passed.delete(socket));
    }
  });
  return {
    endpoint: front.endpoint,
    answer: () => {
      answers = true;
    },
    silence: () => {
      answers = false;
      for (const socket of passed) {
        socket.destroy();
      }
      return once(front.server, 'connection');
    },
  };
}

async function start(accept: (socket: Socket) => void): Promise<{ server: Server; endpoint: string }> {
  const server = createServer((socket) => {
    // The command may end while its connection is open.
    socket.on('error', () => undefined);
    accept(socket);
  });
  const port = await listen(server.unref());
  return { server, endpoint: `https://localhost:${port}` };
}

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { listen } from '../../support/loopback.ts';

/** A host that accepts connections and answers nothing. */
export interface SilentHost {
  readonly endpoint: string;
  /** Resolves after the first connection. */
  readonly connected: Promise<unknown>;
  /** Milliseconds since the first connection. */
  sinceConnection(): number;
}

/** A host that runs until the process of the test ends. */
export async function silentHost(protocol = 'https:'): Promise<SilentHost> {
  return observed(await start(protocol, () => undefined));
}

/** A host that passes everything to a server that SIGSTOP has stopped. */
export async function stoppedHost(endpoint: string): Promise<SilentHost> {
  const { protocol, hostname, port } = new URL(endpoint);
  return observed(
    await start(protocol, (socket) => pipeline(socket, connect(Number(port), hostname), socket, () => undefined)),
  );
}

function observed({ server, endpoint }: StartedHost): SilentHost {
  let first = Number.NEGATIVE_INFINITY;
  server.once('connection', () => {
    first = performance.now();
  });
  return { endpoint, connected: once(server, 'connection'), sinceConnection: () => performance.now() - first };
}

/** A host that passes everything to another host while it answers. */
export interface FrontHost {
  readonly endpoint: string;
  answer(): void;
  /** Ends all connections, and answers no further one. @returns after the next connection */
  silence(): Promise<unknown>;
}

export async function frontOf(endpoint: string): Promise<FrontHost> {
  const { protocol, hostname, port } = new URL(endpoint);
  let answers = true;
  const passed = new Set<Socket>();
  const front = await start(protocol, (socket) => {
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

interface StartedHost {
  readonly server: Server;
  readonly endpoint: string;
}

async function start(protocol: string, accept: (socket: Socket) => void): Promise<StartedHost> {
  const server = createServer((socket) => {
    // The command may end while its connection is open.
    socket.on('error', () => undefined);
    accept(socket);
  });
  const port = await listen(server.unref());
  return { server, endpoint: `${protocol}//localhost:${port}` };
}

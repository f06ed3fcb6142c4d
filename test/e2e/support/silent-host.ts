import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { listenOnLoopback } from '../../../local/servers/ports.ts';

/** A host that accepts connections. It passes them to another host, or answers nothing. */
export interface SilentHost {
  readonly endpoint: string;
  /** Resolves after the first connection. */
  readonly connected: Promise<unknown>;
  /** Milliseconds since the first connection. */
  sinceConnection(): number;
  answer(): void;
  /** Ends all connections, and answers no further one. @returns after the next connection */
  silence(): Promise<unknown>;
}

/**
 * Starts a host, which runs until the process of the test ends.
 *
 * @param behind the host that receives everything after `answer`.
 */
export async function silentHost(protocol: 'http:' | 'https:' = 'https:', behind?: string): Promise<SilentHost> {
  let answers = false;
  let first = Number.NEGATIVE_INFINITY;
  const server = createServer((socket) => {
    // The command may end while its connection is open.
    socket.on('error', () => undefined);
    if (answers && behind !== undefined) {
      const { port, hostname } = new URL(behind);
      pipeline(socket, connect(Number(port), hostname), socket, () => undefined);
    }
  });
  server.once('connection', () => {
    first = performance.now();
  });
  const { port, closeConnections } = await listenOnLoopback(server.unref());
  return {
    endpoint: `${protocol}//localhost:${port}`,
    connected: once(server, 'connection'),
    sinceConnection: () => performance.now() - first,
    answer: () => {
      answers = true;
    },
    silence: () => {
      answers = false;
      closeConnections();
      return once(server, 'connection');
    },
  };
}

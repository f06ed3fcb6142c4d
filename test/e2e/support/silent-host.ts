import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenOnLoopback } from '../../../local/servers/ports.ts';

/** A host that accepts connections and answers nothing. */
interface SilentHost {
  readonly endpoint: string;
  /** Resolves after the first connection. */
  readonly connected: Promise<unknown>;
  /** Milliseconds since the first connection. */
  sinceConnection(): number;
}

/** Starts a host, which runs until the process of the test ends. */
export async function silentHost(protocol: 'http:' | 'https:' = 'https:'): Promise<SilentHost> {
  let first = Number.NEGATIVE_INFINITY;
  // The command may end while its connection is open.
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.once('connection', () => {
    first = performance.now();
  });
  const { port } = await listenOnLoopback(server.unref());
  return {
    endpoint: `${protocol}//localhost:${port}`,
    connected: once(server, 'connection'),
    sinceConnection: () => performance.now() - first,
  };
}

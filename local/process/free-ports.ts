import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the range from which Linux takes the ports of outgoing connections, so that none of those gets in the way. */
const FIRST = 20_000;
const LAST = 32_000;

/** Servers started from different processes look for ports in different places. */
let next = FIRST + ((process.pid * 40) % (LAST - FIRST));

/** Finds ports that nobody listens on. They are free at the return of this function, and not reserved. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    const ports: number[] = [];
    for (let tried = 0; ports.length < count; tried++) {
      if (tried > LAST - FIRST) {
        throw new Error(
          `Found ${ports.length} of ${count} free ports between ${FIRST} and ${LAST}. End other servers.`,
        );
      }
      const port = next;
      next = next + 1 > LAST ? FIRST : next + 1;
      const server = await hold(port);
      if (server !== undefined) {
        held.push(server);
        ports.push(port);
      }
    }
    return ports;
  } finally {
    await Promise.all(held.map(release));
  }
}

export async function isPortFree(port: number): Promise<boolean> {
  const server = await hold(port);
  if (server === undefined) {
    return false;
  }
  await release(server);
  return true;
}

/** On every address, because that is where Milvus listens. */
async function hold(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/**
 * Reserves a path for this process. The reservation is the name of an abstract Unix socket
 * (`\0`, on Linux). The kernel gives the name to one process at a time, and frees the name when
 * the process ends.
 *
 * @returns A function that ends the reservation. `undefined` if another process has reserved the
 * path.
 */
export async function claim(path: string): Promise<(() => Promise<void>) | undefined> {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  const server = createServer().unref();
  try {
    server.listen(`\0zilliz-secret-rotation-${name}`);
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      return undefined;
    }
    throw error;
  }
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/** Waits until no other process has reserved the path, and reserves it. See {@link claim}. */
export async function claimInTurn(path: string): Promise<() => Promise<void>> {
  let release = await claim(path);
  while (release === undefined) {
    await setTimeout(200);
    release = await claim(path);
  }
  return release;
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/**
 * The name of an abstract Unix socket (`\0`, on Linux). The kernel gives the name to one process at
 * a time, and frees the name when the process ends.
 */
function socketOf(path: string): string {
  return `\0zilliz-secret-rotation-${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 32)}`;
}

/**
 * Reserves a path for this process.
 *
 * @returns A function that ends the reservation. `undefined` if another process has reserved the
 * path.
 */
export async function claim(path: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.destroy()).unref();
  try {
    server.listen(socketOf(path));
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

/** Creates a path that does not exist. Other processes that need it wait. See {@link claim}. */
export async function createOnce(path: string, create: () => Promise<unknown>): Promise<void> {
  let release = await claim(path);
  while (release === undefined) {
    await setTimeout(200);
    release = await claim(path);
  }
  try {
    if (!existsSync(path)) {
      await create();
    }
  } finally {
    await release();
  }
}

/** Whether a process has reserved the path. See {@link claim}. */
export async function isClaimed(path: string): Promise<boolean> {
  const socket = connect(socketOf(path));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

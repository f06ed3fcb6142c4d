import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Reserves a state folder for this process until it lets go or ends. The reservation is a socket name that only the
 * kernel keeps (`\0` makes it so, on Linux): it cannot be left behind, and two processes cannot both get it.
 *
 * @returns Lets go. `undefined` when another process has the folder.
 */
export async function claim(stateDir: string): Promise<(() => Promise<void>) | undefined> {
  const name = createHash('sha256').update(stateDir).digest('hex').slice(0, 32);
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

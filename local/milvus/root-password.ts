import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectSuccess, type MilvusAddress, withLocalMilvus } from './milvus-client.ts';

/** The password of root in a new Milvus. */
const FACTORY_PASSWORD = 'Milvus';

/**
 * Replaces root's factory password by a random password, because Milvus listens on every address
 * of the machine. The new password is written to the data folder before Milvus gets it, so a crash
 * in between loses no password.
 *
 * Success also proves that the server is ready: it answered a call that only root may make.
 */
export async function ownRootPassword(address: MilvusAddress, dataDir: string): Promise<string> {
  const file = join(dataDir, 'root-password');
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  if (stored !== undefined && (await isInForce(address, stored))) {
    return stored;
  }
  const password = stored ?? randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  await withLocalMilvus(address, `root:${FACTORY_PASSWORD}`, async (client) => {
    const answer = await client.updateUser({ username: 'root', oldPassword: FACTORY_PASSWORD, newPassword: password });
    expectSuccess("change root's password", answer);
  });
  if (!(await isInForce(address, password))) {
    throw new Error(`${address.endpoint} does not accept root's password. Delete ${dataDir} and start again.`);
  }
  return password;
}

const UNAUTHENTICATED = 16;

async function isInForce(address: MilvusAddress, password: string): Promise<boolean> {
  try {
    return await withLocalMilvus(address, `root:${password}`, async (client) => {
      const answer = await client.listUsers();
      expectSuccess('list its users', answer.status);
      return true;
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNAUTHENTICATED) {
      return false;
    }
    throw error;
  }
}

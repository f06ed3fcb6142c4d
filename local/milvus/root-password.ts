import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectSuccess, type MilvusAddress, withLocalMilvus } from './milvus-client.ts';

/** What every fresh Milvus starts with. */
const FACTORY_PASSWORD = 'Milvus';

/**
 * Gives root a password of its own. Milvus listens on every address of the machine, so the one that all the world knows
 * must not stay. The new one is written down before it is set: whichever of the two is in force, it can be found.
 *
 * This is also the proof that the server is ready: an authenticated call that only root may make.
 */
export async function ownRootPassword(address: MilvusAddress, dataDir: string): Promise<string> {
  const file = join(dataDir, 'root-password');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined && (await isInForce(address, kept))) {
    return kept;
  }
  const password = kept ?? randomBytes(24).toString('base64url');
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

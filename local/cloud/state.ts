import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopMilvus } from '../milvus.ts';
import { stopProcess } from '../process/stop-process.ts';
import { claim } from './claim.ts';
import { readCloudState, recordFileOf } from './record.ts';

/** The shell script that sets the variables of the cloud. */
export function environmentFileOf(stateDir: string): string {
  return `${stateDir}.env`;
}

/** Stops the servers of a cloud and deletes its files. The caller must own the claim. */
export async function removeState(stateDir: string): Promise<void> {
  const state = readCloudState(stateDir);
  if (state.kind !== 'none' && state.record.running !== undefined) {
    const { emulator, milvus } = state.record.running;
    await Promise.all([stopProcess(emulator), ...milvus.map(stopMilvus)]);
  }
  rmSync(environmentFileOf(stateDir), { force: true });
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
  // Delete the record last. A later start needs the record to find the folder.
  rmSync(recordFileOf(stateDir), { force: true });
}

/** Deletes the state folders of abandoned clouds in this folder. */
export async function removeAbandonedStates(folder: string): Promise<void> {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(recordFileOf(join(folder, name))))
    : [];
  for (const name of names) {
    const stateDir = join(folder, name);
    const release = readCloudState(stateDir).kind === 'abandoned' ? await claim(stateDir) : undefined;
    if (release !== undefined) {
      await removeState(stateDir);
      await release();
    }
  }
}

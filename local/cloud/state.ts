import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopMilvus } from '../milvus.ts';
import { stopProcess } from '../process/stop-process.ts';
import { claim } from './claim.ts';
import { readCloudState, recordFileOf } from './record.ts';

/** Variables for a shell. */
export function environmentFileOf(stateDir: string): string {
  return `${stateDir}.env`;
}

/** Removes all that a cloud wrote, after ending what an abandoned one may have left running. For its owner alone. */
export async function removeState(stateDir: string): Promise<void> {
  const state = readCloudState(stateDir);
  if (state.kind !== 'none' && state.record.running !== undefined) {
    const { emulator, milvus } = state.record.running;
    await Promise.all([stopProcess(emulator), ...milvus.map(stopMilvus)]);
  }
  rmSync(environmentFileOf(stateDir), { force: true });
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
  // The record goes last: as long as it is there, somebody knows that the folder needs to be removed.
  rmSync(recordFileOf(stateDir), { force: true });
}

/**
 * Removes every state below the folder whose cloud was killed instead of stopped.
 *
 * @returns The names of their folders.
 */
export async function removeAbandonedStates(folder: string): Promise<string[]> {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(recordFileOf(join(folder, name))))
    : [];
  const removed: string[] = [];
  for (const name of names) {
    const stateDir = join(folder, name);
    const release = readCloudState(stateDir).kind === 'abandoned' ? await claim(stateDir) : undefined;
    if (release !== undefined) {
      await removeState(stateDir);
      await release();
      removed.push(name);
    }
  }
  return removed;
}

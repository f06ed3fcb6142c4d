import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { stopMilvus } from '../milvus.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../process/process-identity.ts';
import { stopProcess } from '../process/stop-process.ts';
import type { LocalCloudAccess } from './access.ts';

/** What is written down about a local cloud, next to its state folder: who runs it, and what it consists of once it is up. */
export interface CloudRecord {
  readonly owner: ProcessIdentity;
  readonly running?: {
    readonly access: LocalCloudAccess;
    readonly emulator: ProcessIdentity;
    readonly milvus: readonly ProcessIdentity[];
  };
}

/** `abandoned`: its owner ended without stopping it, by SIGKILL or with the machine. */
export type CloudState = { kind: 'none' } | { kind: 'owned' | 'abandoned'; record: CloudRecord };

export function recordFileOf(stateDir: string): string {
  return `${stateDir}.json`;
}

/** Variables for a shell. */
export function environmentFileOf(stateDir: string): string {
  return `${stateDir}.env`;
}

/** @throws Error when the record cannot be read: what it says decides over processes, so nothing is guessed. */
export function readCloudState(stateDir: string): CloudState {
  let text: string;
  try {
    text = readFileSync(recordFileOf(stateDir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { kind: 'none' };
    }
    throw error;
  }
  try {
    const record = JSON.parse(text) as CloudRecord;
    return { kind: isRunning(record.owner) ? 'owned' : 'abandoned', record };
  } catch (cause) {
    throw new Error(`${recordFileOf(stateDir)} is damaged. Delete it if no local cloud is running.`, { cause });
  }
}

export function writeRecord(stateDir: string, record: CloudRecord): void {
  const file = recordFileOf(stateDir);
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, JSON.stringify(record, null, 2), { mode: 0o600 });
  renameSync(partial, file);
}

/** Reserves the state folder for this process. @throws Error when another process has it. */
export async function claim(stateDir: string): Promise<void> {
  const state = readCloudState(stateDir);
  if (state.kind === 'owned') {
    throw new Error(
      `A local cloud runs in ${stateDir} already, in process ${state.record.owner.pid}. Stop it first, or use another folder.`,
    );
  }
  await clean(stateDir, state);
  const owner = identifyProcess(process.pid);
  if (owner === undefined) {
    throw new Error('This process is not in /proc. The local cloud runs on Linux only.');
  }
  writeRecord(stateDir, { owner });
}

/** Ends what an abandoned cloud may have left running, and removes all that it wrote. */
export async function clean(stateDir: string, state: CloudState): Promise<void> {
  if (state.kind !== 'none' && state.record.running !== undefined) {
    const { emulator, milvus } = state.record.running;
    await Promise.all([stopProcess(emulator), ...milvus.map(stopMilvus)]);
  }
  removeState(stateDir);
}

export function removeState(stateDir: string): void {
  rmSync(environmentFileOf(stateDir), { force: true });
  // The record goes last: as long as it is there, somebody knows that the folder needs to be removed.
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
  rmSync(recordFileOf(stateDir), { force: true });
}

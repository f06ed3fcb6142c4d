import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRunning, type ProcessIdentity } from '../process/process-identity.ts';
import type { LocalCloudAccess } from './access.ts';

/** What is written down about a local cloud, next to its state folder. */
export interface CloudRecord {
  /** The process that started it, and whose end is its end. */
  readonly owner: ProcessIdentity;
  /** Once it is up. */
  readonly running?: RunningCloud;
}

export interface RunningCloud {
  readonly access: LocalCloudAccess;
  readonly emulator: ProcessIdentity;
  readonly milvus: readonly ProcessIdentity[];
}

/** `abandoned`: its owner ended without stopping it, by SIGKILL or with the machine. */
export type CloudState = { kind: 'none' } | { kind: 'owned' | 'abandoned'; record: CloudRecord };

export function recordFileOf(stateDir: string): string {
  return `${stateDir}.json`;
}

/** @throws Error when there is a record and it cannot be read. */
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

/** For its owner alone. */
export function writeRecord(stateDir: string, record: CloudRecord): void {
  const file = recordFileOf(stateDir);
  const partial = `${file}.partial`;
  writeFileSync(partial, JSON.stringify(record, null, 2), { mode: 0o600 });
  renameSync(partial, file);
}

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRunning, type ProcessIdentity } from '../process/process-identity.ts';
import type { LocalCloudAccess } from './access.ts';

/** The content of the JSON file next to a state folder. */
export interface CloudRecord {
  /** The process that started the cloud. The servers end when it ends. */
  readonly owner: ProcessIdentity;
  /** The addresses of the cloud. Set when all servers answer. */
  readonly running?: RunningCloud;
}

export interface RunningCloud {
  readonly access: LocalCloudAccess;
  readonly emulator: ProcessIdentity;
  readonly milvus: readonly ProcessIdentity[];
}

/** `abandoned`: the owner ended without stopping the cloud, for example by SIGKILL. */
export type CloudState = { kind: 'none' } | { kind: 'owned' | 'abandoned'; record: CloudRecord };

export function recordFileOf(stateDir: string): string {
  return `${stateDir}.json`;
}

/** @throws Error if the record is damaged. */
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

/** Only the owner of the cloud may call this function. */
export function writeRecord(stateDir: string, record: CloudRecord): void {
  const file = recordFileOf(stateDir);
  const partial = `${file}.partial`;
  writeFileSync(partial, JSON.stringify(record, null, 2), { mode: 0o600 });
  renameSync(partial, file);
}

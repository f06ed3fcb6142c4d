import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopMilvus } from '../servers/milvus.ts';
import { isRunning, type ProcessIdentity, stopProcess } from '../servers/running-process.ts';
import { awsEnvironment, type LocalCloudAccess } from './access.ts';
import { claim } from './claim.ts';

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

/** Writes a shell script that sets the variables of the local cloud. */
export function writeEnvironmentFile(access: LocalCloudAccess): void {
  const { tls, plaintext } = access.milvus;
  const { apiKeys } = access;
  const variables = {
    ...awsEnvironment(access),
    MILVUS_TLS_ENDPOINT: tls.endpoint,
    MILVUS_TLS_REST_ENDPOINT: tls.restEndpoint,
    MILVUS_TLS_CA_FILE: access.caFile,
    MILVUS_TLS_ROOT_PASSWORD: tls.rootPassword,
    MILVUS_ENDPOINT: plaintext.endpoint,
    MILVUS_REST_ENDPOINT: plaintext.restEndpoint,
    MILVUS_ROOT_PASSWORD: plaintext.rootPassword,
    API_KEYS_CONTROL_PLANE_URL: apiKeys.controlPlaneUrl,
    API_KEYS_MANAGER_KEY: apiKeys.managerKey,
    API_KEYS_ENDPOINT: apiKeys.endpoint,
    API_KEYS_REST_ENDPOINT: apiKeys.restEndpoint,
  };
  const lines = [
    '# The variables of the running local cloud. Load them into a shell with:  . .local/cloud.env',
    // A profile or a session would take precedence over the keys.
    'unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    '',
  ];
  writeFileSync(environmentFileOf(access.stateDir), lines.join('\n'), { mode: 0o600 });
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandEnvironment, type LocalCloudAccess } from './access.ts';
import { claim, isClaimed } from './claim.ts';

/** The content of the JSON file next to a state folder. */
export interface CloudRecord {
  /** The process that started the cloud and has claimed the folder. The servers end with it. */
  readonly ownerPid: number;
  /** Set when all servers answer. */
  readonly access?: LocalCloudAccess;
}

export function recordFileOf(stateDir: string): string {
  return `${stateDir}.json`;
}

/** @returns undefined if no process runs a cloud in this folder. */
export async function readRunningCloud(stateDir: string): Promise<CloudRecord | undefined> {
  if (!(await isClaimed(stateDir)) || !existsSync(recordFileOf(stateDir))) {
    return undefined;
  }
  return JSON.parse(readFileSync(recordFileOf(stateDir), 'utf8')) as CloudRecord;
}

/** Only the owner of the claim may call this function. */
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

/** Deletes the files of a cloud, except its record. Only the owner of the claim may call it. */
export function removeFiles(stateDir: string): void {
  rmSync(environmentFileOf(stateDir), { force: true });
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

/** Deletes all files of a cloud. Only the owner of the claim may call it. */
export function removeState(stateDir: string): void {
  removeFiles(stateDir);
  // Delete the record last. A later start needs the record to find the folder.
  rmSync(recordFileOf(stateDir), { force: true });
}

/** Deletes the files of a cloud whose owner was killed. */
export async function removeAbandonedState(stateDir: string): Promise<void> {
  const release = existsSync(recordFileOf(stateDir)) ? await claim(stateDir) : undefined;
  if (release !== undefined) {
    removeState(stateDir);
    await release();
  }
}

/** Deletes the state folders of abandoned clouds in this folder. */
export async function removeAbandonedStates(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    await removeAbandonedState(join(folder, name));
  }
}

/** Writes a shell script that sets the variables of the local cloud. */
export function writeEnvironmentFile(access: LocalCloudAccess): void {
  const { tls, plaintext } = access.milvus;
  const { apiKeys } = access;
  const variables = {
    ...commandEnvironment(access),
    MILVUS_TLS_ENDPOINT: tls.endpoint,
    MILVUS_TLS_REST_ENDPOINT: tls.restEndpoint,
    MILVUS_TLS_ROOT_PASSWORD: tls.rootPassword,
    MILVUS_ENDPOINT: plaintext.endpoint,
    MILVUS_REST_ENDPOINT: plaintext.restEndpoint,
    MILVUS_ROOT_PASSWORD: plaintext.rootPassword,
    API_KEYS_MANAGER_KEY: apiKeys.managerKey,
    API_KEYS_ENDPOINT: apiKeys.endpoint,
    API_KEYS_REST_ENDPOINT: apiKeys.restEndpoint,
  };
  const lines = [
    '# The variables of the running local cloud. Load them into a shell with:  . .local/cloud.env',
    // A profile or a session would take precedence over the keys.
    'unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN',
    "no_proxy=$(env | sed -n 's/^no_proxy=/,/p')",
    'export no_proxy="127.0.0.1,localhost$no_proxy"',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    '',
  ];
  writeFileSync(environmentFileOf(access.stateDir), lines.join('\n'), { mode: 0o600 });
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

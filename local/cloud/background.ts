import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lastLines, signal } from '../servers/service-process.ts';
import type { LocalCloudAccess } from './access.ts';
import { isClaimed } from './claim.ts';
import { readRunningCloud, removeAbandonedState } from './state.ts';

const HOST = fileURLToPath(import.meta.resolve('./host.ts'));
const POLL_MS = 50;
/** Must be longer than the time that each server may take to stop. */
const STOP_WITHIN_MS = 20_000;

export type Up = { kind: 'started' | 'already-up'; access: LocalCloudAccess };

/**
 * Starts a local cloud in a process that outlives this process. Does nothing if the cloud runs.
 *
 * @throws Error with the end of the output of the process if the cloud does not start.
 */
export async function bringUp(stateDir: string): Promise<Up> {
  const running = await readRunningCloud(stateDir);
  return running?.access === undefined
    ? { kind: 'started', access: await startHost(stateDir) }
    : { kind: 'already-up', access: running.access };
}

async function startHost(stateDir: string): Promise<LocalCloudAccess> {
  const logFile = `${stateDir}.log`;
  mkdirSync(dirname(stateDir), { recursive: true });
  const log = openSync(logFile, 'w', 0o600);
  const host = spawn(process.execPath, [HOST, stateDir], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(host, 'spawn');
  host.unref();
  while (host.exitCode === null && host.signalCode === null) {
    const cloud = await readRunningCloud(stateDir);
    if (cloud?.ownerPid === host.pid && cloud?.access !== undefined) {
      return cloud.access;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`The local cloud did not start. ${lastLines(logFile, 40)}`);
}

/**
 * Stops a cloud that {@link bringUp} started, and deletes its files, also those of a killed cloud.
 *
 * @returns whether a cloud ran.
 */
export async function bringDown(stateDir: string): Promise<boolean> {
  const cloud = await readRunningCloud(stateDir);
  if (cloud !== undefined) {
    await stopOwner(stateDir, cloud.ownerPid);
  }
  await removeAbandonedState(stateDir);
  rmSync(`${stateDir}.log`, { force: true });
  return cloud !== undefined;
}

async function stopOwner(stateDir: string, pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  const limit = setTimeout(() => signal(pid, 'SIGKILL'), STOP_WITHIN_MS);
  while (await isClaimed(stateDir)) {
    await sleep(POLL_MS);
  }
  clearTimeout(limit);
}

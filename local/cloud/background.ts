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

/** `cleaned`: the cloud was killed before, and its state folder was still there. */
export type Down = 'stopped' | 'cleaned' | 'not-running';

/**
 * Starts a local cloud in a process that outlives this process. Does nothing if the cloud runs.
 *
 * @throws Error with the end of the output of the process if the cloud does not start.
 */
export async function bringUp(stateDir: string): Promise<Up> {
  const access = await untilRunning(stateDir, () => true);
  return access === undefined ? { kind: 'started', access: await startHost(stateDir) } : { kind: 'already-up', access };
}

async function startHost(stateDir: string): Promise<LocalCloudAccess> {
  const logFile = `${stateDir}.log`;
  mkdirSync(dirname(stateDir), { recursive: true });
  const log = openSync(logFile, 'w', 0o600);
  const host = spawn(process.execPath, [HOST, stateDir], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(host, 'spawn');
  host.unref();
  const access = await untilRunning(stateDir, () => host.exitCode !== null || host.signalCode !== null);
  if (access === undefined) {
    throw new Error(`The local cloud did not start. ${lastLines(logFile, 40)}`);
  }
  return access;
}

/**
 * Waits for a cloud that starts or will start, also of another process that starts one at the same
 * time.
 *
 * @param hasEnded whether this process has started no cloud, or its cloud has ended.
 */
async function untilRunning(stateDir: string, hasEnded: () => boolean): Promise<LocalCloudAccess | undefined> {
  for (;;) {
    const ended = hasEnded();
    const cloud = await readRunningCloud(stateDir);
    if (cloud?.access !== undefined) {
      return cloud.access;
    }
    if (ended && !(await isClaimed(stateDir))) {
      return undefined;
    }
    await sleep(POLL_MS);
  }
}

/** Stops a cloud that {@link bringUp} started, or deletes the state folder of a killed cloud. */
export async function bringDown(stateDir: string): Promise<Down> {
  const cloud = await readRunningCloud(stateDir);
  if (cloud !== undefined) {
    await stopOwner(stateDir, cloud.ownerPid);
  }
  const hasRemoved = await removeAbandonedState(stateDir);
  rmSync(`${stateDir}.log`, { force: true });
  return cloud !== undefined ? 'stopped' : hasRemoved ? 'cleaned' : 'not-running';
}

async function stopOwner(stateDir: string, pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  const limit = setTimeout(() => signal(pid, 'SIGKILL'), STOP_WITHIN_MS);
  while (await isClaimed(stateDir)) {
    await sleep(POLL_MS);
  }
  clearTimeout(limit);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isRunning, stopProcess } from '../servers/running-process.ts';
import { lastLines } from '../servers/service-process.ts';
import type { LocalCloudAccess } from './access.ts';
import { claim } from './claim.ts';
import { type RunningCloud, readCloudState, removeState } from './state.ts';

const HOST = fileURLToPath(import.meta.resolve('./host.ts'));
const POLL_MS = 50;
/** Must be longer than the time that each server may take to stop. */
const STOP_WITHIN_MS = 20_000;

export type Up = { kind: 'started' | 'restarted' | 'already-up'; access: LocalCloudAccess };

/** `cleaned`: the cloud was killed before, and its state folder was still there. */
export type Down = 'stopped' | 'cleaned' | 'not-running';

/**
 * Starts a local cloud in a process that outlives this process. Does nothing if the cloud runs. If
 * one of its servers has ended, the cloud is stopped and started again.
 *
 * @throws Error with the end of the output of the process if the cloud does not start.
 */
export async function bringUp(stateDir: string): Promise<Up> {
  const before = readCloudState(stateDir);
  const isDamaged = before.kind === 'owned' && before.record.running && !isWhole(before.record.running);
  if (isDamaged) {
    await bringDown(stateDir);
  }
  if (before.kind === 'owned' && !isDamaged) {
    const access = await untilRunning(stateDir, () => readCloudState(stateDir).kind !== 'owned');
    if (access !== undefined) {
      return { kind: 'already-up', access };
    }
  }
  return { kind: isDamaged ? 'restarted' : 'started', access: await startHost(stateDir) };
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

async function untilRunning(stateDir: string, hasFailed: () => boolean): Promise<LocalCloudAccess | undefined> {
  for (;;) {
    const failed = hasFailed();
    const state = readCloudState(stateDir);
    // If two processes start a cloud at the same time, this can be the cloud of the other process.
    if (state.kind === 'owned' && state.record.running !== undefined) {
      return state.record.running.access;
    }
    if (failed && state.kind !== 'owned') {
      return undefined;
    }
    await sleep(POLL_MS);
  }
}

/** Stops a cloud that {@link bringUp} started, or deletes the state folder of a killed cloud. */
export async function bringDown(stateDir: string): Promise<Down> {
  const state = readCloudState(stateDir);
  if (state.kind === 'owned') {
    await stopProcess(state.record.owner, STOP_WITHIN_MS);
  }
  if (state.kind !== 'none') {
    await removeLeftovers(stateDir);
  }
  rmSync(`${stateDir}.log`, { force: true });
  return ({ none: 'not-running', owned: 'stopped', abandoned: 'cleaned' } as const)[state.kind];
}

/** Does nothing if a new cloud uses the folder. */
async function removeLeftovers(stateDir: string): Promise<void> {
  const release = await claim(stateDir);
  if (release !== undefined) {
    await removeState(stateDir);
    await release();
  }
}

function isWhole({ emulator, milvus }: RunningCloud): boolean {
  return [emulator, ...milvus].every(isRunning);
}

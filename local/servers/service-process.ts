import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

export interface ServiceCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the server: it inherits no variable of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives both output streams. Each start overwrites the file. */
  readonly logFile: string;
  /** Gives the server a standard input that ends together with this process. @default none */
  readonly stdin?: 'until-this-process-ends';
}

export interface ServiceProcess {
  readonly pid: number;
  /** Resolves when the server has ended. */
  readonly exited: Promise<void>;
  /** How the server ended. Undefined while it runs. */
  ended(): string | undefined;
  /**
   * Ends the server and its process group, and waits until the server is gone.
   *
   * @param graceMs Time between SIGTERM and SIGKILL, in milliseconds.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a server. The server leads a process group, so Ctrl-C in the terminal does not reach it.
 * The server does not keep this process alive.
 *
 * @throws Error if the program cannot start.
 */
export async function startService(service: ServiceCommand): Promise<ServiceProcess> {
  const log = openSync(service.logFile, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(service.command, service.args, {
      cwd: service.cwd,
      env: service.env,
      stdio: [service.stdin === undefined ? 'ignore' : 'pipe', log, log],
      detached: true,
    });
    await once(child, 'spawn');
  } finally {
    closeSync(log);
  }
  const { pid = 0 } = child;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.unref();
  (child.stdin as Socket | null)?.unref();
  const ended = (): string | undefined => {
    if (child.signalCode !== null) {
      return `ended by ${child.signalCode}`;
    }
    return child.exitCode === null ? undefined : `ended with exit code ${child.exitCode}`;
  };
  const stop = async (graceMs: number): Promise<void> => {
    if (ended() !== undefined) {
      return;
    }
    child.ref();
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(limit);
    signal(-pid, 'SIGKILL');
  };
  return { pid, exited, ended, stop };
}

/** Sends a signal to a process, or to a process group by its negative id, if it exists. */
export function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}

/**
 * Polls until a server is ready.
 *
 * @returns What went wrong: `ended with exit code 1 before it was ready`. Undefined if the server
 * is ready.
 */
export async function untilReady(
  service: ServiceProcess,
  isReady: () => Promise<boolean>,
  withinMs: number,
): Promise<string | undefined> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const end = service.ended();
    if (end !== undefined) {
      return `${end} before it was ready`;
    }
    if (await isReady()) {
      return undefined;
    }
    await sleep(POLL_MS);
  }
  return `was not ready within ${withinMs / 1000} s`;
}

/** The end of a log, for an error message. */
export function lastLines(logFile: string, count = 15): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
  return `The end of ${logFile}:\n${lines.map((line) => `  ${line.slice(0, 300)}`).join('\n')}`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVERS_PYTHON } from '../project.ts';

const RUN_WITH_PARENT = join(import.meta.dirname, 'run_with_parent.py');
const POLL_MS = 50;

export interface ServiceOptions {
  /** Names the server in an error message. */
  readonly name: string;
  /** The absolute path of the program, and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the server: it inherits no variable of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives both output streams. Each start overwrites the file. */
  readonly logFile: string;
  /** @param pid of the server, because another server could answer on the same port. */
  isReady(pid: number): Promise<boolean>;
  readonly readyWithinMs: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly stopWithinMs: number;
}

export interface Service {
  readonly pid: number;
  /** Resolves when the server has ended, with how: `ended with exit code 1`. */
  readonly exited: Promise<string>;
  /** Ends the server and its process group, and waits until the server is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it is ready. The server leads a process group, so Ctrl-C in the
 * terminal does not reach it. It does not keep this process alive, and is killed when this process
 * ends.
 *
 * @throws Error with the end of the log if the server does not start. No server runs then.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const log = openSync(options.logFile, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(SERVERS_PYTHON, ['-IS', RUN_WITH_PARENT, String(process.pid), ...options.command], {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    await once(child, 'spawn');
  } finally {
    closeSync(log);
  }
  const { pid = 0 } = child;
  let end: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, killedBy) => {
      end = `ended ${killedBy === null ? `with exit code ${code}` : `by ${killedBy}`}`;
      resolve(end);
    });
  });
  child.unref();
  const stop = async (): Promise<void> => {
    if (end === undefined) {
      child.ref();
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), options.stopWithinMs);
      await exited;
      clearTimeout(limit);
      signal(-pid, 'SIGKILL');
    }
  };
  const deadline = performance.now() + options.readyWithinMs;
  while (!(await options.isReady(pid))) {
    if (end !== undefined || performance.now() > deadline) {
      const failure = end ? `${end} before it was ready` : `was not ready within ${options.readyWithinMs / 1000} s`;
      await stop();
      throw new Error(`${options.name} ${failure}. ${lastLines(options.logFile)}`);
    }
    await sleep(POLL_MS);
  }
  return { pid, exited, stop };
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

/** The end of a log, for an error message. */
export function lastLines(logFile: string, count = 15): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
  return `The end of ${logFile}:\n${lines.map((line) => `  ${line.slice(0, 300)}`).join('\n')}`;
}

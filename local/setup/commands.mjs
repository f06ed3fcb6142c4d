import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { SetupError } from './setup-error.mjs';

/** Runs commands, and knows which are running, so that whoever interrupts the setup ends them too. */
export class Commands {
  #running = new Set();
  #onStart;

  /** @param {(pid: number) => void} onStart Told of each command: it leads a process group. */
  constructor(onStart) {
    this.#onStart = onStart;
  }

  /**
   * Runs a command to its end, its output added to a log file.
   *
   * @param {{ title: string, command: string, args: string[], cwd: string, env?: NodeJS.ProcessEnv, logFile: string }} task
   * @throws SetupError with the end of the log when the command fails.
   */
  async run({ title, command, args, cwd, env = process.env, logFile }) {
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    if (child.pid !== undefined) {
      this.#onStart(child.pid);
    }
    this.#running.add(child);
    try {
      const [code, signal] = await once(child, 'close');
      if (code !== 0) {
        throw new SetupError(`${title} ended with ${signal ?? `exit code ${code}`}. ${endOf(logFile)}`);
      }
    } catch (error) {
      throw error.code === 'ENOENT' ? new SetupError(`${title} needs ${command}, which is not on the PATH.`) : error;
    } finally {
      this.#running.delete(child);
    }
  }

  /** Ends what runs, with its own children, and resolves when it is gone. */
  async endAll() {
    await Promise.all(
      [...this.#running].map((child) => {
        const closed = once(child, 'close');
        process.kill(-child.pid, 'SIGTERM');
        return closed;
      }),
    );
  }
}

function endOf(logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20);
  return `The end of ${logFile}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

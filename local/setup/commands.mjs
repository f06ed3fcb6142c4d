import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { endTree } from './processes.mjs';
import { SetupError } from './setup-error.mjs';

/** Runs commands, and can end all that are running. */
export class Commands {
  #running = new Set();
  #onStart;

  /** @param {(pid: number) => void} onStart Receives the process id of each command. */
  constructor(onStart) {
    this.#onStart = onStart;
  }

  /**
   * Runs a command, appends its output to a log file, and waits until the command ends.
   *
   * @param {{ title: string, command: string, args: string[], cwd: string, env?:
   * NodeJS.ProcessEnv, logFile: string }} task
   * @throws SetupError with the end of the log if the command fails.
   */
  async run({ title, command, args, cwd, env = process.env, logFile }) {
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', log, log],
      // The command leads a process group, which endTree needs. Windows has no groups and would
      // open a console.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
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

  /** Ends all running commands and their children, and waits until they are gone. */
  async endAll() {
    await Promise.all(
      [...this.#running].map((child) => {
        const closed = once(child, 'close');
        endTree(child.pid, 'SIGTERM');
        return closed;
      }),
    );
  }
}

function endOf(logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20);
  return `The end of ${logFile}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An error that the user can correct. Its message says what is wrong and what to do. */
export class SetupError extends Error {}

const running = new Set();

/** Lets a signal end the running commands too, so that none works on after the setup. */
export function endWithCommands(signal) {
  for (const child of running) {
    child.kill(signal);
  }
  process.exit(128 + constants.signals[signal]);
}

/** Runs a command in the project. @throws SetupError with the end of its output if it fails. */
export async function run(title, command, args, env = process.env) {
  const execution = promisify(execFile)(command, args, { cwd: PROJECT, env, maxBuffer: 2 ** 28, windowsHide: true });
  running.add(execution.child);
  try {
    await execution;
  } catch ({ code, signal, stdout = '', stderr = '' }) {
    const lines = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20);
    const end = signal ?? (code === 'ENOENT' ? `${command} is not on the PATH` : `exit code ${code}`);
    throw new SetupError(`${title} failed: ${end}.\n${lines.map((line) => `  ${line}`).join('\n')}`);
  } finally {
    running.delete(execution.child);
  }
}

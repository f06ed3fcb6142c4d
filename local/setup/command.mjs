import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An error that the user can correct. Its message says what is wrong and what to do. */
export class SetupError extends Error {}

/** Ends the running commands, so that none works on after the setup. */
export const interruption = new AbortController();

/** Runs a command in the project. @throws SetupError with the end of its output if it fails. */
export async function run(title, command, args, env = process.env) {
  const options = { cwd: PROJECT, env, maxBuffer: 2 ** 28, windowsHide: true, signal: interruption.signal };
  try {
    await promisify(execFile)(command, args, options);
  } catch ({ code, signal, stdout = '', stderr = '' }) {
    const lines = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20);
    const end = interruption.signal.aborted
      ? 'interrupted'
      : (signal ?? (code === 'ENOENT' ? `${command} is not on the PATH` : `exit code ${code}`));
    throw new SetupError(`${title} failed: ${end}.\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}

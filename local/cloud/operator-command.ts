import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT } from '../project.ts';
import { awsEnvironment, type LocalCloudAccess } from './access.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  /** What the command has printed so far. */
  readonly output: { readonly out: string; readonly err: string };
  readonly result: Promise<CommandResult>;
  interrupt(): void;
}

/**
 * Starts `zilliz-rotation` as an operator does, for the servers of the local cloud.
 *
 * @param input what the operator pipes into the command.
 * @param launcher starts the command of its arguments.
 */
export function startOperatorCommand(
  access: LocalCloudAccess,
  args: readonly string[],
  input = '',
  launcher: readonly string[] = [],
): RunningCommand {
  const options = ['--allow-endpoint', '127.0.0.1', '--allow-endpoint', 'localhost', '--ca-file', access.caFile];
  const command = [...launcher, process.execPath, join(PROJECT, 'cli', 'main.ts'), ...args, ...options];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: { ...awsEnvironment(access), PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // The command may end before it reads its input.
  child.stdin.on('error', () => undefined).end(input);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  return {
    output,
    result: once(child, 'close').then(([code]) => ({ code: code as number | null, ...output })),
    interrupt: () => child.kill('SIGINT'),
  };
}

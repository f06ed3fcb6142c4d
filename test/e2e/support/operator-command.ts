import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { awsEnvironment } from '../../../local/cloud/access.ts';
import { PROJECT, SERVERS_PYTHON } from '../../../local/project.ts';
import { servers } from '../../support/servers.ts';

interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface RunningCommand {
  /** What the command has printed so far. */
  readonly output: { readonly out: string; readonly err: string };
  readonly result: Promise<CommandResult>;
  interrupt(): void;
}

const outputs: Array<{ out: string; err: string }> = [];

/** Everything that the commands of this test file have printed. */
export function printedByCommands(): string {
  return outputs.flatMap(({ out, err }) => [out, err]).join('\n');
}

/** Starts `zilliz-rotation` as an operator does, for the servers of this run. */
export function startCommand(...args: readonly string[]): RunningCommand {
  return start(args, '');
}

/**
 * @param input what the operator pipes into the command.
 * @param launcher starts the command of its arguments.
 */
function start(args: readonly string[], input: string, launcher: readonly string[] = []): RunningCommand {
  const { access } = servers();
  const options = ['--allow-endpoint', '127.0.0.1', '--allow-endpoint', 'localhost', '--ca-file', access.caFile];
  const command = [...launcher, process.execPath, join(PROJECT, 'cli', 'main.ts'), ...args, ...options];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: { ...awsEnvironment(access), PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // The command may end before it reads its input.
  child.stdin.on('error', () => undefined).end(input);
  const output = { out: '', err: '' };
  outputs.push(output);
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  return {
    output,
    result: once(child, 'close').then(([code]) => ({ code: code as number | null, ...output })),
    interrupt: () => child.kill('SIGINT'),
  };
}

export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return startCommand(...args).result;
}

/**
 * Runs a command in a pseudo-terminal.
 *
 * @param dialogue what the operator types after each question
 * @returns what the terminal shows, as `out`
 */
export function runInTerminal(
  dialogue: ReadonlyArray<readonly [question: string, answer: string]>,
  ...args: readonly string[]
): Promise<CommandResult> {
  const launcher = [SERVERS_PYTHON, fileURLToPath(new URL('terminal.py', import.meta.url))];
  return start(args, `${JSON.stringify(dialogue)}\n`, launcher).result;
}

/** Runs a command that reads passwords from standard input. */
export function runWithPasswords(passwords: readonly string[], ...args: readonly string[]): Promise<CommandResult> {
  return start(args, passwords.map((password) => `${password}\n`).join('')).result;
}

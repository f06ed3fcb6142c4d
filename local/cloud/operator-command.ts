import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { COMPILE_CACHE, PROJECT } from '../project.ts';
import { commandEnvironment, type LocalCloudAccess } from './access.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  /** What the command has printed so far. */
  readonly output: { readonly out: string; readonly err: string };
  readonly result: Promise<CommandResult>;
  signal(name: NodeJS.Signals): void;
}

export interface StartOptions {
  /** What the operator pipes into the command. */
  readonly input?: string;
  /** Starts the command of its arguments. */
  readonly launcher?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const COMMAND = [process.execPath, join(PROJECT, 'cli', 'main.ts')];

/** Starts `zilliz-rotation` as an operator does, for the servers of the local cloud. */
export function startOperatorCommand(
  access: LocalCloudAccess,
  args: readonly string[],
  { input = '', launcher = [], env = {} }: StartOptions = {},
): RunningCommand {
  const command = [...launcher, ...COMMAND, ...args];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: {
      // Not as options, because some subcommands call no cluster and refuse these options.
      ...commandEnvironment(access),
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...env,
    },
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
    signal: (name) => child.kill(name),
  };
}

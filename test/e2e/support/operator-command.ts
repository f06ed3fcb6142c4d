import { fileURLToPath } from 'node:url';
import {
  type CommandResult,
  type RunningCommand,
  type StartOptions,
  startOperatorCommand,
} from '../../../local/cloud/operator-command.ts';
import { SERVERS_PYTHON } from '../../../local/project.ts';
import { servers } from '../../support/servers.ts';

const outputs: Array<RunningCommand['output']> = [];

/** Everything that the commands of this test file have printed. */
export function printedByCommands(): string {
  return outputs.flatMap(({ out, err }) => [out, err]).join('\n');
}

/** Starts `zilliz-rotation` for the servers of this run. */
export function start(args: readonly string[], options: StartOptions = {}): RunningCommand {
  const command = startOperatorCommand(servers().access, args, options);
  outputs.push(command.output);
  return command;
}

export function startCommand(...args: readonly string[]): RunningCommand {
  return start(args);
}

export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return start(args).result;
}

/** What the operator types after each question. `null`: the operator closes the terminal. */
export type Dialogue = ReadonlyArray<readonly [question: string, answer: string | null]>;

/** Runs a command in a pseudo-terminal of 80 columns. @returns what the terminal shows, as `out` */
export function runInTerminal(
  dialogue: Dialogue,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return start(args, {
    launcher: [SERVERS_PYTHON, fileURLToPath(new URL('terminal.py', import.meta.url))],
    input: `${JSON.stringify(dialogue)}\n`,
    env: { TERM: 'xterm-256color', ...env },
  }).result;
}

/** Runs a command that reads passwords from standard input. */
export function runWithPasswords(passwords: readonly string[], ...args: readonly string[]): Promise<CommandResult> {
  return start(args, { input: passwords.map((password) => `${password}\n`).join('') }).result;
}

/** What `doctor` says about readers that keep a credential for each of these times. */
export async function refreshStatuses(secret: string, intervals: readonly string[]): Promise<(string | undefined)[]> {
  const runs = intervals.map(async (interval) => {
    const { out } = await runCommand('doctor', secret, '--refresh-interval', interval, '--json');
    const { checks } = JSON.parse(out) as { checks: { check: string; status: string }[] };
    return checks.find(({ check }) => check === 'refresh-interval')?.status;
  });
  return await Promise.all(runs);
}

import { fileURLToPath } from 'node:url';
import {
  type CommandResult,
  type RunningCommand,
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
export function startCommand(...args: readonly string[]): RunningCommand {
  return start(args);
}

function start(args: readonly string[], input?: string, launcher?: readonly string[]): RunningCommand {
  const command = startOperatorCommand(servers().access, args, input, launcher);
  outputs.push(command.output);
  return command;
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

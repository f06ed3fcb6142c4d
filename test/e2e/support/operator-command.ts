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

export function runCommand(...args: readonly string[]): Promise<CommandResult> {
  return start(args).result;
}

/** What the operator types after each question. `null`: the operator closes the terminal. */
export type Dialogue = ReadonlyArray<readonly [question: string, answer: string | null]>;

/** Runs a command in a pseudo-terminal of 80 columns. @returns what the terminal shows, as `out` */
export function runInTerminal(dialogue: Dialogue, args: readonly string[]): Promise<CommandResult> {
  return start(args, {
    launcher: [SERVERS_PYTHON, fileURLToPath(new URL('terminal.py', import.meta.url))],
    input: `${JSON.stringify(dialogue)}\n`,
    env: { TERM: 'xterm-256color' },
  }).result;
}

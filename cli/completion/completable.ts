import { Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';

/** What a script completes after a subcommand. */
export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  /** The values of the argument. Empty: the argument is not completed. */
  readonly choices: readonly string[];
}

/** The values to choose from. `any`: the value is not completed. */
export type ValueKind = 'any' | 'path' | readonly string[];

export function completableCommand({ name, summary, define }: CommandDefinition): CompletableCommand {
  const command = new Command(name);
  define(command);
  return {
    name,
    summary,
    options: command.createHelp().visibleOptions(command),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
}

/** The options before a subcommand. */
export const GLOBAL_OPTIONS: readonly Option[] = [
  new Option('--help', 'print the subcommands and exit codes'),
  new Option('--version', 'print the version of this command'),
];

/** `--json`, `-h`. */
export function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** The name of the value as in `--help`, such as `path`, and its kind. */
export function optionValue({ flags, required, argChoices }: Option): { name: string; kind: ValueKind } | undefined {
  const name = /<(.+)>/.exec(flags)?.[1] ?? '';
  return required ? { name, kind: argChoices ?? (name === 'path' ? 'path' : 'any') } : undefined;
}

/** A text in single quotes for bash and zsh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

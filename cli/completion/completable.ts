import { Command, type Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';

/** What a script completes after a subcommand. */
export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletableOption[];
  /** The values of the argument. Empty: the argument is not completed. */
  readonly choices: readonly string[];
}

export interface CompletableOption {
  /** `--json`, `-h`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: OptionValue | undefined;
}

export interface OptionValue {
  /** As in `--help`, such as `path`. */
  readonly name: string;
  readonly kind: ValueKind;
}

/** The values to choose from. `any`: the value is not completed. */
export type ValueKind = 'any' | 'path' | readonly string[];

export function completableCommand({ name, summary, define }: CommandDefinition): CompletableCommand {
  const command = new Command(name);
  define(command);
  return {
    name,
    summary,
    options: command.createHelp().visibleOptions(command).map(completableOption),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
}

function completableOption({ flags, short, long, description, argChoices, required }: Option): CompletableOption {
  const name = /<(.+)>/.exec(flags)?.[1] ?? '';
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    value: required ? { name, kind: argChoices ?? (name === 'path' ? 'path' : 'any') } : undefined,
  };
}

/** The options before a subcommand. */
export const GLOBAL_OPTIONS: readonly CompletableOption[] = [
  { flags: ['--help'], description: 'print the subcommands and exit codes', value: undefined },
  { flags: ['--version'], description: 'print the version of this command', value: undefined },
];

/** A text in single quotes for bash and zsh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

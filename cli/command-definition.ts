import type { Command } from 'commander';
import type { ExitCodeMeanings } from './outcome/exit-code.ts';

/**
 * A subcommand as `--help` describes it. A module with a definition imports no SDK, because the
 * SDKs take most of the time of `--help`.
 */
export interface CommandDefinition {
  readonly name: string;
  /** One line for the list of subcommands. */
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly Example[];
  /** Adds the arguments and options. */
  readonly define: (command: Command) => void;
  /** The exit codes of the subcommand, without those that every subcommand has. */
  readonly exitCodes: ExitCodeMeanings;
}

export interface Example {
  /** A sentence that says what `line` does. */
  readonly text: string;
  /** Without the prompt of a shell. */
  readonly line: string;
}

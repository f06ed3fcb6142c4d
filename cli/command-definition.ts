import type { Command } from 'commander';
import type { ExitCodeMeanings } from './outcome/exit-code.ts';

/**
 * A subcommand as `--help` describes it. A module with a definition imports no SDK, because the
 * SDKs take most of the time of `--help`.
 */
export interface CommandDefinition {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly Example[];
  readonly define: (command: Command) => void;
  /** The exit codes of the subcommand, without those that every subcommand has. */
  readonly exitCodes: ExitCodeMeanings;
}

export interface Example {
  readonly text: string;
  /** Without the prompt of a shell. */
  readonly line: string;
}

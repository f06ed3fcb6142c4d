import type { Command } from 'commander';
import type { ExitCodeMeanings } from './outcome/exit-code.ts';
import type { Permission } from './permission.ts';

/**
 * A subcommand as `--help`, docs/cli.md and the completion of a shell describe it. A module with a
 * definition imports no SDK, because the SDKs take most of the time of `--help`.
 */
export interface CommandDefinition {
  readonly name: string;
  /** One line for the list of subcommands. */
  readonly summary: string;
  /** What the subcommand changes, as a phrase for docs/cli.md. */
  readonly changes: string;
  readonly description: string;
  readonly examples: readonly Example[];
  /** Adds the arguments and options. */
  readonly define: (command: Command) => void;
  /** The exit codes of the subcommand, without those that every subcommand has. */
  readonly exitCodes: ExitCodeMeanings;
  /** The codes of `error.code` in the document of `--json`, without those of AWS_CODES. */
  readonly codes?: ErrorCodes;
  readonly permissions: readonly Permission[];
}

/** For each outcome: what its codes mean, as phrases. */
export type ErrorCodes = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Example {
  /** A sentence that says what `line` does. */
  readonly text: string;
  /** Without the prompt of a shell. */
  readonly line: string;
}

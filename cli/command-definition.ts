import type { Command } from 'commander';

/**
 * A subcommand as `--help`, docs/cli.md and the completion of a shell describe it. A module with a
 * definition imports no SDK, because the SDKs take most of the time of `--help`.
 */
export interface CommandDefinition {
  readonly name: string;
  /** One line for the list of subcommands. */
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly Example[];
  /** Adds the arguments and options. */
  readonly define: (command: Command) => void;
}

export interface Example {
  /** What the command line does, as a sentence. */
  readonly text: string;
  /** Without the prompt of a shell. */
  readonly line: string;
}

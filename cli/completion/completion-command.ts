import type { CommandDefinition } from '../command-definition.ts';
import { bashScript } from './bash.ts';
import { type CompletableCommand, completableCommand } from './completable.ts';
import type { Shell } from './completion-definition.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CompletableCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script that completes these subcommands. */
export function completionScript(shell: Shell, definitions: readonly CommandDefinition[]): string {
  return SCRIPTS[shell](definitions.map(completableCommand));
}

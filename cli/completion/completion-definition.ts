import { Argument, type Command } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

export const completionDefinition: CommandDefinition = {
  name: 'completion',
  summary: 'print a script that completes subcommands, options and their values',
  changes: 'nothing',
  description:
    'Prints the completion of a shell: subcommands, options, the values of options with a choice, and paths. It does not complete names of secrets, because that would call AWS at each Tab. After an update of this command, print the script again.',
  examples: [
    {
      text: 'bash, for the current shell.',
      line: 'eval "$(zilliz-rotation completion bash)"',
    },
    {
      text: 'zsh, for each new shell, if this folder is in fpath.',
      line: 'zilliz-rotation completion zsh > ~/.zfunc/_zilliz-rotation',
    },
    {
      text: 'fish, for each new shell.',
      line: 'zilliz-rotation completion fish > ~/.config/fish/completions/zilliz-rotation.fish',
    },
  ],
  define: addCompletionArguments,
  exitCodes: { ok: 'the script was printed' },
  permissions: [],
};

function addCompletionArguments(command: Command): void {
  command.addArgument(new Argument('<shell>', 'the shell that reads the script').choices(SHELLS));
}

import type { Option } from 'commander';
import { type CompletableCommand, flagsOf, GLOBAL_OPTIONS, optionValue, type ValueKind } from './completable.ts';

export function fishScript(commands: readonly CompletableCommand[]): string {
  return [
    '# fish completion for zilliz-rotation',
    'complete -c zilliz-rotation -f',
    ...GLOBAL_OPTIONS.map((option) => line('__fish_use_subcommand', optionWords(option))),
    ...commands.flatMap(({ name, summary, options, choices }) => {
      const after = `__fish_seen_subcommand_from ${name}`;
      return [
        line('__fish_use_subcommand', `-a ${name} -d ${quote(summary)}`),
        ...(choices.length === 0 ? [] : [line(after, `-a ${quote(choices.join(' '))}`)]),
        ...options.map((option) => line(after, optionWords(option))),
      ];
    }),
    '',
  ].join('\n');
}

function line(condition: string, words: string): string {
  return `complete -c zilliz-rotation -n ${quote(condition)} ${words}`;
}

function optionWords(option: Option): string {
  const value = optionValue(option);
  const names = flagsOf(option).map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, `-d ${quote(option.description)}`, ...(value === undefined ? [] : [valueWords(value.kind)])].join(
    ' ',
  );
}

/** `-x`: a value that is no path. `-r -F`: a path. */
function valueWords(kind: ValueKind): string {
  switch (kind) {
    case 'any':
      return '-x';
    case 'path':
      return '-r -F';
    default:
      return `-x -a ${quote(kind.join(' '))}`;
  }
}

/** fish has its own escapes in single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}

import type { Option } from 'commander';
import { type CompletableCommand, flagsOf, GLOBAL_OPTIONS, optionValue, quote, type ValueKind } from './completable.ts';

export function zshScript(commands: readonly CompletableCommand[]): string {
  return [
    '#compdef zilliz-rotation',
    '_zilliz-rotation() {',
    '  if (( CURRENT == 2 )); then',
    '    local -a subcommands=(',
    ...commands.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`),
    '    )',
    "    _describe 'subcommand' subcommands",
    `    _arguments ${GLOBAL_OPTIONS.flatMap(specs).join(' ')}`,
    '    return',
    '  fi',
    '  local subcommand=$words[2]',
    // _arguments reads the first word as the name of the command.
    '  shift words',
    '  (( CURRENT-- ))',
    '  case $subcommand in',
    ...commands.flatMap((command) => [
      `    ${command.name})`,
      '      _arguments \\',
      ...[...command.options.flatMap(specs), ...argumentSpecs(command)].map(
        (spec, index, all) => `        ${spec}${index === all.length - 1 ? '' : ' \\'}`,
      ),
      '      ;;',
    ]),
    '  esac',
    '}',
    // A file in fpath is the function itself. A sourced script registers the function.
    'if [ "$funcstack[1]" = "_zilliz-rotation" ]; then',
    '  _zilliz-rotation "$@"',
    'else',
    '  compdef _zilliz-rotation zilliz-rotation',
    'fi',
    '',
  ].join('\n');
}

/** Specifications for _arguments. A star allows an option again. */
function specs(option: Option): string[] {
  const explained = `[${option.description.replaceAll(/[[\]\\]/g, '\\$&')}]`;
  const value = optionValue(option);
  return flagsOf(option).map((flag) =>
    quote(value === undefined ? `${flag}${explained}` : `*${flag}=${explained}:${value.name}:${actionOf(value.kind)}`),
  );
}

function actionOf(kind: ValueKind): string {
  switch (kind) {
    case 'any':
      return ' ';
    case 'path':
      return '_files';
    default:
      return `(${kind.join(' ')})`;
  }
}

function argumentSpecs({ choices }: CompletableCommand): string[] {
  return [quote(choices.length === 0 ? '*:secret: ' : `1:value:(${choices.join(' ')})`)];
}

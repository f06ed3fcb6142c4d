import { type CompletableCommand, flagsOf, GLOBAL_OPTIONS, optionValue, quote, type ValueKind } from './completable.ts';

/** Works with the bash of macOS, version 3.2, too. */
export function bashScript(commands: readonly CompletableCommand[]): string {
  const first = [...commands.map(({ name }) => name), ...GLOBAL_OPTIONS.flatMap(flagsOf)];
  return `# bash completion for zilliz-rotation
_zilliz_rotation() {
  local IFS=$' \\t\\n' words= paths=
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # bash splits --strategy=single-user into three words.
  if [[ $word == "=" ]]; then
    word=
  elif [[ $before == "=" ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if (( COMP_CWORD == 1 )); then
    words=${quote(first.join(' '))}
  else
    case "\${COMP_WORDS[1]} $before" in
${valueCases(commands).join('\n')}
      *)
        case "\${COMP_WORDS[1]} $word" in
${commands.flatMap(wordCases).join('\n')}
        esac
        ;;
    esac
  fi
  if [[ -z $paths ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  else
    # A path can hold spaces. Without compopt, as in bash 3.2, a folder gets no slash.
    IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$word"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _zilliz_rotation zilliz-rotation
`;
}

/** After an option that takes a value. */
function valueCases(commands: readonly CompletableCommand[]): string[] {
  const assignments = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const value = optionValue(option);
      const assignment = value && assignmentOf(value.kind);
      return assignment === undefined
        ? []
        : flagsOf(option).map((flag) => ({ pattern: quote(`${name} ${flag}`), assignment }));
    }),
  );
  return Object.entries(Object.groupBy(assignments, ({ assignment }) => assignment)).map(
    ([assignment, grouped = []]) => `      ${grouped.map(({ pattern }) => pattern).join(' | ')}) ${assignment} ;;`,
  );
}

function assignmentOf(kind: ValueKind): string {
  switch (kind) {
    case 'any':
      return 'return';
    case 'path':
      return 'paths=yes';
    default:
      return `words=${quote(kind.join(' '))}`;
  }
}

function wordCases({ name, options, choices }: CompletableCommand): string[] {
  return [
    `          ${quote(`${name} -`)}*) words=${quote(options.flatMap(flagsOf).join(' '))} ;;`,
    ...(choices.length === 0 ? [] : [`          ${quote(`${name} `)}*) words=${quote(choices.join(' '))} ;;`]),
  ];
}

import type { Argument, Command, Option } from 'commander';
import type { CommandDefinition, ErrorCodes } from '../../cli/command-definition.ts';
import { type ExitCodeMeanings, exitCodesOf } from '../../cli/outcome/exit-code.ts';
import type { Permission } from '../../cli/permission.ts';

export function commandTable(commands: readonly { definition: CommandDefinition; command: Command }[]): string {
  return table(
    ['command', 'what it does', 'what it changes'],
    commands.map(({ definition: { name, summary, changes }, command }) => [
      `[\`${[name, ...command.registeredArguments.map(usageOf)].join(' ')}\`](#${name})`,
      summary,
      changes,
    ]),
  );
}

export function optionTable(options: readonly Option[]): string {
  return table(['option', 'meaning', 'default'], options.map(optionRow));
}

export function argumentAndOptionTable(args: readonly Argument[], options: readonly Option[]): string {
  return table(
    ['argument or option', 'meaning', 'default'],
    [...args.map((argument) => [code(usageOf(argument)), argument.description, '']), ...options.map(optionRow)],
  );
}

/** The environment variables, and the options that they replace. */
export function variableTable(options: readonly Option[]): string {
  return table(
    ['variable', 'same as'],
    options.flatMap(({ envVar, flags }) => (envVar === undefined ? [] : [[code(envVar), code(flags)]])),
  );
}

export function exitCodeTable(meanings: ExitCodeMeanings): string {
  return table(
    ['code', 'name', 'meaning'],
    exitCodesOf(meanings).map(({ code: exitCode, name, meaning }) => [String(exitCode), name, meaning]),
  );
}

/** The codes of each outcome. */
export function errorCodeTable(codes: ErrorCodes): string {
  return table(
    ['outcome', '`error.code`', 'meaning'],
    Object.entries(codes).flatMap(([outcome, meanings]) =>
      Object.entries(meanings).map(([name, meaning]) => [outcome, code(name), meaning]),
    ),
  );
}

/** The codes that every subcommand shares. */
export function awsCodeTable(meanings: Readonly<Record<string, string>>): string {
  return table(
    ['`error.code`', 'meaning'],
    Object.entries(meanings).map(([name, meaning]) => [code(name), meaning]),
  );
}

export function permissionTable(permissions: readonly Permission[]): string {
  return table(
    ['action', 'on', 'when'],
    permissions.map(({ action, resource, when }) => [code(action), resource, when ?? 'always']),
  );
}

/** The default of an option is in its description if the code finds it, as with `--region`. */
const DEFAULT = / \(default: (.*)\)$/;

function optionRow({
  flags,
  description,
  defaultValue,
  defaultValueDescription,
  argChoices,
  envVar,
}: Option): string[] {
  const choices = argChoices === undefined ? '' : `: ${argChoices.map(code).join(' or ')}`;
  const written = defaultValueDescription ?? (defaultValue === undefined ? undefined : String(defaultValue));
  const byDefault = DEFAULT.exec(description)?.[1] ?? (written === undefined ? '' : code(written));
  const defaults = [...(envVar === undefined ? [] : [code(envVar)]), ...(byDefault === '' ? [] : [byDefault])];
  return [code(flags), description.replace(DEFAULT, '') + choices, defaults.join(', otherwise ')];
}

/** `<secret...>`, as commander shows it in the usage. */
function usageOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n').replaceAll(/ +\|/g, ' |');
}

function code(text: string): string {
  return `\`${text}\``;
}

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { schemaOf } from '../../../build/command-schemas.ts';
import { COMMANDS } from '../../../cli/commands.ts';
import { ExitCode, exitCodesOf } from '../../../cli/outcome/exit-code.ts';

const PAGE = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const [, PERMISSIONS = ''] = /\n## Permissions\n([\s\S]*)$/.exec(PAGE) ?? [];

/** The names of the subcommands that may call an action of AWS, by the table of docs/cli.md. */
function commandsWith(action: string): readonly string[] {
  const names = COMMANDS.map((command) => command.definition.name);
  return PERMISSIONS.split('\n')
    .filter((row) => new RegExp(`\`[a-z]+:${action}\``).test(row))
    .flatMap((row) => cellsOf(row).slice(2))
    .flatMap((cell) => (cell === 'all' ? names : cell.split(', ')));
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The AWS actions of the methods of a `SecretStore`, which the fake records by their names. */
const ACTIONS: Readonly<Record<string, string>> = {
  describe: 'DescribeSecret',
  read: 'GetSecretValue',
  list: 'ListSecretVersionIds',
  put: 'PutSecretValue',
  promote: 'UpdateSecretVersionStage',
  addLabel: 'UpdateSecretVersionStage',
  removeLabel: 'UpdateSecretVersionStage',
};

/**
 * Checks a run against `--help`, docs/cli.md and its schema: its exit code, its calls of AWS, the
 * document of `--json`, and its advised commands.
 *
 * @param calls as the fake of AWS recorded them: a method or an action, then its arguments
 */
export function checkDocumented(
  args: readonly string[],
  { code, out, calls }: { readonly code: ExitCode; readonly out: string; readonly calls: readonly string[] },
): void {
  const definition = COMMANDS.map((command) => command.definition).find(({ name }) => name === args[0]);
  if (definition === undefined) {
    return;
  }
  const { name, exitCodes } = definition;
  expect(exitCodesOf(exitCodes).map((exitCode) => exitCode.code)).toContain(code);

  const actions = new Set(calls.map((call) => call.split(' ')[0] ?? '').map((method) => ACTIONS[method] ?? method));
  const unlisted = [...actions].filter((action) => !commandsWith(action).includes(name));
  expect(unlisted, `calls of ${name} that docs/cli.md does not list`).toEqual([]);
  if (code === ExitCode.usage) {
    expect([...actions].filter((action) => !/^(Describe|Get|List|Filter|Lookup)/.test(action))).toEqual([]);
  }

  // A person pastes an advised command.
  expect(out, 'an advised command without the name of the secret').not.toMatch(/`zilliz-rotation [^`]* SECRET\b/);

  // Wrong arguments and faults end the command before it prints a document.
  if (args.includes('--json') && out !== '') {
    const document: unknown = JSON.parse(out);
    const { error } = schemaOf(name).safeParse(document);
    expect(error?.issues ?? [], `the document of ${args.join(' ')}, by its schema`).toEqual([]);
    expect(document).toMatchObject({ exitCode: code });
  }
}

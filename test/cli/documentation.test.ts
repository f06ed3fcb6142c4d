import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandSchemas } from '../../build/command-schemas.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { ExitCode } from '../../cli/outcome/exit-code.ts';
import { createProgram } from '../../cli/program.ts';
import { Fixture } from './support/command-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const { commands } = createProgram(
  {
    version: '',
    out: process.stdout,
    err: process.stderr,
    interrupted: new AbortController().signal,
    loadCommandPorts: () => Promise.reject(new Error('This test runs no subcommand.')),
  },
  () => undefined,
);

/** The options of a subcommand. Empty if there is no such subcommand. */
function optionsOf(name: string): readonly (string | undefined)[] {
  const command = commands.find((candidate) => candidate.name() === name);
  return command === undefined ? [] : [...command.options.map(({ long }) => long), '--help'];
}

describe('docs/cli.md', () => {
  it.each(COMMANDS.map(({ definition }) => definition.name))('has a task for %s', (name) => {
    expect(read('docs/cli.md')).toMatch(new RegExp(`^\\| .* \\| \`${name} `, 'm'));
  });

  it('names only options that exist', () => {
    const known = COMMANDS.flatMap(({ definition }) => optionsOf(definition.name));
    const named = [...read('docs/cli.md').matchAll(/(?<![\w-])--[a-z-]+[a-z]/g)].map(String);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((option) => !known.includes(option))).toEqual([]);
  });
});

const TEXTS = ['README.md', 'docs/*.md', 'cli/**/*.ts', 'protocol/**/*.ts', 'lambda/**/*.ts', 'infra/**/*.ts'];

it('every command line in a page or a text has a subcommand and options that exist', () => {
  const lines = globSync(TEXTS, { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/zilliz-rotation ([a-z]+)(?![\w-]) ?((?:[^\n`'\\]|\\\n)*)/g)].map(
      ([line, name = '', rest = '']) => ({
        line: `${file}: ${line}`,
        wrong:
          optionsOf(name).length === 0 ||
          [...rest.matchAll(/(?<!\S)--[a-z-]+/g)].some(([option]) => !optionsOf(name).includes(option)),
      }),
    ),
  );
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter(({ wrong }) => wrong).map(({ line }) => line)).toEqual([]);
});

it('exactly the subcommands with --json have a schema', () => {
  const withJson = COMMANDS.map(({ definition }) => definition.name).filter((name) =>
    optionsOf(name).includes('--json'),
  );
  expect(Object.keys(commandSchemas()).toSorted()).toEqual(withJson.toSorted());
});

it.each([
  [[], Object.values(ExitCode)],
  [['status'], [0, 1, 2, 3, 5, 7, 130]],
])('the help of %j lists its exit codes', async (args, codes) => {
  const { out } = await new Fixture().run([...args, '--help']);
  const listed = [...out.slice(out.indexOf('Exit codes:')).matchAll(/^ {2,4}(\d+) {2}\S/gm)];

  expect(listed.map(([, code]) => Number(code))).toEqual(codes);
});

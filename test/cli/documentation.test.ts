import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/exit-code.ts';
import { createFixture } from './support/command-fixture.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

const { out: help } = await createFixture().run(['--help']);
const SUBCOMMANDS = [...help.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name = '']) => name);

/** The options in the tables of a section of the page. */
function optionsIn(heading: string): string[] {
  const [section = ''] = page.split(`\n## ${heading}\n`)[1]?.split('\n## ') ?? [];
  return [...section.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, option = '']) => option);
}

describe('docs/cli.md', () => {
  it('has a section for each subcommand and no other in its first table', () => {
    const [table = ''] = page.split('\n## ');
    const listed = [...table.matchAll(/^\| \[`(\w+) .*\]\(#(\w+)\) \|/gm)].map(([, name, anchor]) => [name, anchor]);

    expect(listed).toEqual(SUBCOMMANDS.map((name) => [name, name]));
    expect(SUBCOMMANDS.filter((name) => !page.includes(`\n## ${name}\n`))).toEqual([]);
    expect(SUBCOMMANDS).toContain('rotate');
  });

  it.each(SUBCOMMANDS)('names exactly the options of %s', async (command) => {
    const { out } = await createFixture().run([command, '--help']);
    const options = new Set(out.match(/--[a-z-]+/g));
    const shared = optionsIn('Options of every command').filter((option) => option !== '--version');

    expect(shared).toContain('--region');
    expect([...shared, ...optionsIn(command), '--help'].toSorted()).toEqual([...options].toSorted());
  });

  it('names the environment variable of each option', async () => {
    const { out } = await createFixture().run(['rotate', '--help']);
    const variables = [...out.replace(/\s+/g, ' ').matchAll(/\(env: ([A-Z_]+)\)/g)].map(([, variable]) => variable);

    expect(variables).toHaveLength(4);
    expect(variables.filter((variable) => !page.includes(`\`${variable}\``))).toEqual([]);
  });

  it('names every exit code', () => {
    const documented = [...page.matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(([, code, name]) => [name, Number(code)]);

    expect(documented).toEqual(Object.entries(ExitCode));
  });

  it.each([[[]], ...SUBCOMMANDS.map((name) => [[name]])])(
    'lists the exit codes that --help of %j prints',
    async (command) => {
      const { out } = await createFixture().run([...command, '--help']);
      const listed = [...(out.split('Exit codes:')[1] ?? '').matchAll(/^ {2,4}(\d+) {2}/gm)].map(([, code]) =>
        Number(code),
      );

      expect(listed).toEqual(Object.values(ExitCode));
    },
  );

  it('names the defaults that --help prints', async () => {
    const { out } = await createFixture().run(['rotate', '--help']);

    for (const [option, defaultValue] of [
      ['--timeout', '5m'],
      ['--retry-wait', '1m'],
      ['--concurrency', '10'],
    ]) {
      expect(out.replace(/\s+/g, ' ')).toMatch(new RegExp(`${option} [^-]*.*?\\(default: ${defaultValue}\\)`));
      expect(page).toMatch(new RegExp(`\\| \`${option} [A-Z]+\` \\|.*\\| \`${defaultValue}\` \\|`));
    }
  });
});

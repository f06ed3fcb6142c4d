import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandOf, commandPage } from '../../build/cli/page.ts';
import { hasJsonDocument, schemaFiles } from '../../build/cli/schemas.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { ExitCode } from '../../cli/outcome/exit-code.ts';
import { createFixture } from './support/command-fixture.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, DOCS), 'utf8');

describe('docs/cli.md', () => {
  it('is generated from the definitions and from page.md (if not: npm run generate)', () => {
    expect(read('cli.md')).toBe(commandPage());
  });

  it('shows the default, the environment variable and the choices of an option', () => {
    const page = commandPage();

    expect(page).toMatch(/^\| `--timeout <duration>` \|.*\| `5m` \|$/m);
    expect(page).toMatch(/^\| `--transport <transport>` \|.*\| `CLUSTER_TRANSPORT`, otherwise grpc \|$/m);
    expect(page).toMatch(/^\| `--strategy <name>` \|.*: `single-user` or `alternating-users` \| `single-user` \|$/m);
  });
});

describe('docs/schemas', () => {
  it('is generated from cli/*/json-schema.ts (if not: npm run generate)', () => {
    const files = new Map(readdirSync(new URL('schemas', DOCS)).map((file) => [file, read(`schemas/${file}`)]));

    expect(files).toEqual(schemaFiles());
  });

  it('has a schema for exactly the subcommands with --json', () => {
    const withJson = COMMANDS.map(({ definition }) => definition).filter((definition) =>
      hasJsonDocument(commandOf(definition)),
    );

    expect(withJson.length).toBeGreaterThan(3);
    expect([...schemaFiles().keys()].toSorted()).toEqual(withJson.map(({ name }) => `${name}.schema.json`).toSorted());
  });

  it('refuses a key that it does not describe', () => {
    expect(JSON.parse(read('schemas/repair.schema.json'))).toMatchObject({ additionalProperties: false });
  });
});

describe('the exit codes', () => {
  it('are described on the page', () => {
    const [, section = ''] = commandPage().split('\n## Exit codes\n');
    const documented = [...(section.split('\n## ')[0]?.matchAll(/^\| (\d+) \| (\w+) \|/gm) ?? [])];

    expect(documented.map(([, code, name]) => [name, Number(code)])).toEqual(Object.entries(ExitCode));
  });

  it('of a subcommand are in its --help, with the meaning that the subcommand gives them', async () => {
    const { out } = await createFixture().run(['status', '--help']);

    expect(out.split('Exit codes:')[1]).toMatch(/^ {4}3 {2}there is a problem, or/m);
    expect(out.split('Exit codes:')[1]).not.toMatch(/^ {4}4 {2}/m);
  });

  it('are in --help of the command', async () => {
    const { out } = await createFixture().run(['--help']);
    const listed = [...(out.split('Exit codes:')[1] ?? '').matchAll(/^ {2,4}(\d+) {2}/gm)];

    expect(listed.map(([, code]) => Number(code))).toEqual(Object.values(ExitCode));
  });
});

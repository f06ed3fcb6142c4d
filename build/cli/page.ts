import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { AWS_CODES } from '../../cli/aws/aws-error.ts';
import type { CommandDefinition } from '../../cli/command-definition.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { EXIT_CODE_MEANINGS } from '../../cli/outcome/exit-code.ts';
import { createProgram } from '../../cli/program.ts';
import { addClusterOptions, addSharedOptions } from '../../cli/terminal/options.ts';
import { policyFor } from './policy.ts';
import { hasJsonDocument } from './schemas.ts';
import {
  argumentAndOptionTable,
  awsCodeTable,
  commandTable,
  errorCodeTable,
  exitCodeTable,
  optionTable,
  permissionTable,
  variableTable,
} from './tables.ts';

const PAGE = new URL('../../docs/cli.md', import.meta.url);
const MARKER = /^<!-- (.+) -->$/gm;
const HEADER =
  '<!-- `npm run generate` writes this page from cli/page.md, cli/*/page.md and the definitions in cli/. -->';

/** By the title of their section. */
const SHARED_OPTIONS = {
  'options of every command': addSharedOptions(new Command()).options,
  'options for the cluster': addClusterOptions(new Command()).options,
};

/** Writes docs/cli.md. */
export function writeCommandPage(): void {
  writeFileSync(PAGE, commandPage());
}

/** docs/cli.md: cli/page.md with a text from the definitions in the place of each marker. */
export function commandPage(): string {
  const { definition: rotate } = COMMANDS.find(({ definition }) => definition.name === 'rotate') ?? {};
  const texts: Readonly<Record<string, string>> = {
    subcommands: commandTable(COMMANDS.map(({ definition }) => ({ definition, command: commandOf(definition) }))),
    ...Object.fromEntries(Object.entries(SHARED_OPTIONS).map(([title, options]) => [title, optionTable(options)])),
    'environment variables': variableTable(SHARED_OPTIONS['options for the cluster']),
    'exit codes': exitCodeTable(EXIT_CODE_MEANINGS),
    'codes of AWS': awsCodeTable(AWS_CODES),
    sections: COMMANDS.map(({ definition }) => section(definition)).join('\n\n'),
    'policy of rotate': policyFor(rotate?.permissions ?? []),
  };
  const page = readProse('page.md').replace(MARKER, (_, marker: string) => {
    const text = texts[marker];
    if (text === undefined) {
      throw new Error(`cli/page.md has the marker "${marker}". Markers: ${Object.keys(texts).join(', ')}.`);
    }
    return text;
  });
  return `${HEADER}\n\n${page}`;
}

function section(definition: CommandDefinition): string {
  const { name, description, examples, exitCodes, codes, permissions } = definition;
  const command = commandOf(definition);
  const shared = Object.entries(SHARED_OPTIONS);
  const own = command.options.filter((option) => !shared.some(([, options]) => options.some(isSameAs(option))));
  const elsewhere = shared
    .filter(([, options]) => command.options.some(isSameAs(...options)))
    .map(([title]) => `[${title}](#${title.replaceAll(' ', '-')})`);
  return [
    `## ${name}`,
    description,
    ['```sh', ...examples.flatMap(({ text, line }) => [`# ${text}`, line]), '```'].join('\n'),
    ['```text', `zilliz-rotation ${name} ${command.usage()}`, '```'].join('\n'),
    argumentAndOptionTable(command.registeredArguments, own),
    ...(elsewhere.length > 0 ? [`Also: the ${elsewhere.join(' and the ')}.`] : []),
    readProse(`${name}/page.md`).trim(),
    ...(hasJsonDocument(command)
      ? [
          `### JSON of \`${name}\``,
          `\`--json\` prints one document. [Its JSON Schema](schemas/${name}.schema.json) describes every key.`,
        ]
      : []),
    ...(codes === undefined
      ? []
      : [
          `### Codes of \`${name}\``,
          'The key `error.code` of the JSON has one of these codes, or a [code of AWS](#codes-of-aws).',
          errorCodeTable(codes),
        ]),
    `### Exit codes of \`${name}\``,
    exitCodeTable(exitCodes),
    ...(permissions.length === 0 ? [] : [`### Permissions of \`${name}\``, permissionTable(permissions)]),
  ].join('\n\n');
}

/** A subcommand as commander knows it. */
export function commandOf({ name }: CommandDefinition): Command {
  const { stdout: out, stderr: err } = process;
  const program = createProgram(
    { version: '', out, err, loadCommandPorts: () => Promise.reject(new Error('The page runs no subcommand.')) },
    () => undefined,
  );
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command === undefined) {
    throw new Error(`cli/commands.ts has no subcommand ${name}.`);
  }
  return command;
}

/** A subcommand may describe an option of every command in its own words. */
function isSameAs(...others: Command['options']): (option: Command['options'][number]) => boolean {
  return ({ flags, description }) => others.some((other) => other.flags === flags && other.description === description);
}

function readProse(path: string): string {
  return readFileSync(new URL(`../../cli/${path}`, import.meta.url), 'utf8');
}

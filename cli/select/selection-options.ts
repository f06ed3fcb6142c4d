import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RotatingSecret } from '../aws/aws.ts';
import { collect, parseList, parserOf, type SharedOptions } from '../terminal/options.ts';
import { parseTime, type TimeOption } from '../terminal/period-options.ts';

export interface SelectionOptions extends SharedOptions {
  readonly all?: boolean;
  readonly rotatedBy?: string;
  readonly tag?: readonly Tag[];
  readonly prefix?: readonly string[];
  readonly olderThan?: TimeOption;
  readonly regions?: readonly string[];
  readonly profiles?: readonly string[];
  readonly accounts?: readonly string[];
  readonly role?: string;
  /** Whether a search also selects the secrets whose function does not exist. */
  readonly withAbsentFunctions?: boolean;
}

interface Tag {
  readonly key: string;
  /** `undefined`: any value. */
  readonly value: string | undefined;
}

export function addSelectionOptions(command: Command): Command {
  return command
    .argument('[secret...]', 'names or ARNs of secrets')
    .optionsGroup('Which secrets (all given conditions must hold):')
    .option('--all', 'every secret that a function of this product rotates')
    .option('--rotated-by <function>', 'secrets that this function (name or ARN) rotates')
    .option('--tag <key=value>', 'secrets with this tag; KEY alone accepts any value; repeatable', parseTag)
    .option('--prefix <text>', 'secrets whose name starts with the text; repeatable: any of them', collect)
    .option(
      '--older-than <age>',
      'secrets that have not rotated for this time (30d), or since a day or a time (2026-01-31T12:00Z)',
      parseTime,
    )
    .addOption(
      new Option('--regions <list>', 'search these regions, separated by commas, instead of one')
        .argParser(parseList)
        .conflicts('region'),
    )
    .addOption(
      new Option('--profiles <list>', 'search with these profiles, separated by commas, instead of one')
        .argParser(parseList)
        .conflicts('profile'),
    )
    .addOption(
      new Option('--accounts <list>', 'search these accounts, separated by commas, each with its role of --role')
        .argParser(parseAccounts)
        .conflicts('profiles'),
    )
    .option(
      '--role <name>',
      'the role of each of the --accounts, which this identity may assume',
      parserOf(/^[\w+=,.@/-]+$/, 'Expected the name of a role, without arn:aws:iam::ACCOUNT:role/.'),
    );
}

/** Whether the options search for secrets. With names, nothing is searched. */
export function isSearch({ all, rotatedBy, tag, prefix, ...places }: SelectionOptions): boolean {
  const { regions, profiles, accounts, role } = places;
  return (
    all === true || [rotatedBy, tag, prefix, regions, profiles, accounts, role].some((option) => option !== undefined)
  );
}

export function hasCondition(options: SelectionOptions): boolean {
  return isSearch(options) || options.olderThan !== undefined;
}

/** The conditions that the answer of ListSecrets decides, without the age. All must hold. */
export function meetsConditions(
  { name, tags, rotationFunctionArn: arn = '' }: RotatingSecret,
  { rotatedBy, tag: wanted = [], prefix: prefixes = [] }: SelectionOptions,
): boolean {
  return (
    wanted.every(({ key, value }) => key in tags && (value === undefined || tags[key] === value)) &&
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
    (rotatedBy === undefined || arn === rotatedBy || arn.split(':')[6] === rotatedBy) &&
    (prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)))
  );
}

/**
 * Whether a secret is younger than `--older-than`. A secret that never rotated is as old as the
 * secret itself. AWS omits the date of the last rotation while rotation is off.
 *
 * @param now milliseconds since the epoch
 */
export function hasRotatedSince(
  { lastRotatedAt, createdAt = 0 }: RotatingSecret,
  olderThan: SelectionOptions['olderThan'],
  now: number,
): boolean {
  return olderThan !== undefined && (lastRotatedAt ?? createdAt) > olderThan.startOf(now);
}

function parseAccounts(text: string): readonly string[] {
  const accounts = parseList(text);
  if (!accounts.every((account) => /^\d{12}$/.test(account))) {
    throw new InvalidArgumentError('Expected account ids of 12 digits, separated by commas.');
  }
  return accounts;
}

function parseTag(text: string, before: readonly Tag[] = []): readonly Tag[] {
  const [, key = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (key === '') {
    throw new InvalidArgumentError('Expected KEY=VALUE, or KEY.');
  }
  return [...before, { key, value }];
}

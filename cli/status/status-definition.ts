import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import type { Finding } from '../examine/finding.ts';
import { addClusterSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import {
  addManagerOption,
  addSharedOptions,
  type ClusterOptions,
  type ManagerOptions,
  parseCount,
} from '../terminal/options.ts';

/** Severities, and codes of findings. */
export type FailOn = readonly string[];

const DEFAULT_FAIL_ON: FailOn = ['problem', 'undecided'];

export interface StatusOptions extends SelectionOptions, ClusterOptions, ManagerOptions {
  readonly concurrency: number;
  /** @default `details` for up to three secrets, otherwise `table` */
  readonly format?: 'details' | 'table';
  readonly failOn: FailOn;
}

export const statusDefinition: CommandDefinition = {
  name: 'status',
  summary: 'show which stored password is accepted and what is wrong',
  description:
    'Shows versions, labels and rotation of each secret. ' +
    'Logs in to find the stored version that the cluster accepts. ' +
    'Shows the last failed attempt from the log of the function. Changes nothing. ' +
    'Compares the examined secrets: two secrets for one cluster user make each other wrong. ' +
    'If the cluster accepts no stored password of a user, searches up to 1,000 other secrets for this user, and reads their values.',
  examples: [
    { text: 'Show one secret.', line: 'zilliz-rotation status milvus/orders' },
    {
      text: 'Show all secrets of a rotation function.',
      line: 'zilliz-rotation status --rotated-by zilliz-rotation',
    },
    {
      text: 'Show all secrets of a team in two regions as a table.',
      line: 'zilliz-rotation status --tag team=search --regions eu-west-1,us-east-1 --format table',
    },
    {
      text: 'Fail in a pipeline only if a rotation is overdue or off.',
      line: 'zilliz-rotation status --all --fail-on overdue,rotation-off',
    },
    {
      text: 'Show all secrets of two accounts, with the role that both have.',
      line: 'zilliz-rotation status --all --accounts 111122223333,444455556666 --role zilliz-rotation-inventory',
    },
  ],
  define: addStatusOptions,
  exitCodes: {
    ok: 'there is no finding that --fail-on names',
    failed: 'there is a problem, or a notice that --fail-on names',
    refused:
      'a secret could not be read, an account or region could not be searched, or it is not known whether the conditions select a secret',
    unconfirmed: 'this machine cannot find out which password the cluster accepts',
  },
};

function addStatusOptions(command: Command): void {
  addManagerOption(addSharedOptions(addClusterSelectionOptions(command)))
    .addOption(
      new Option(
        '--format <format>',
        'details of each secret, or a table with the findings below (default: table for more than three secrets)',
      ).choices(['details', 'table']),
    )
    .option('--concurrency <count>', 'how many secrets at a time', parseCount, 10)
    .addOption(
      new Option(
        '--fail-on <list>',
        'which findings lead to another exit code than 0: severities (problem, undecided, notice) and codes, separated by commas, or never',
      )
        .argParser(parseFailOn)
        .default(DEFAULT_FAIL_ON, DEFAULT_FAIL_ON.join(',')),
    );
}

/** A parser for commander: `never`, or severities and codes that are separated by commas. */
function parseFailOn(text: string): FailOn {
  const names = text.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'never') {
    return [];
  }
  if (names.some((name) => !/^[a-z]+(-[a-z]+)*$/.test(name) || name === 'never')) {
    throw new InvalidArgumentError(
      'Expected never, or a list of problem, undecided, notice and codes of findings, such as overdue,rotation-off.',
    );
  }
  return names;
}

/** Whether a finding makes the command fail. */
export function fails({ severity, code }: Finding, failOn: FailOn): boolean {
  return failOn.includes(severity) || failOn.includes(code);
}

import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addSharedOptions, parseCountUpTo, parseList } from '../terminal/options.ts';
import { addPeriodOptions, type PeriodOptions } from '../terminal/period-options.ts';
import type { Parameters } from './controls.ts';

export const FORMATS = ['html', 'csv', 'json'] as const;

export type Format = (typeof FORMATS)[number];

export interface ReportOptions extends SelectionOptions, PeriodOptions, Parameters {
  readonly format: Format;
  readonly output?: string;
}

export const reportDefinition: CommandDefinition = {
  name: 'report',
  summary: 'write evidence for an audit period',
  description:
    'Writes every secret with its owner, policy and age, every rotation with start, end, trigger, ' +
    'result and source, the exceptions with their reasons, and the result of each control. ' +
    'Logs in to no cluster and changes nothing. ' +
    'Without names and conditions, it reports every secret that a function of this product rotates.',
  examples: [
    {
      text: 'Write a page that a browser opens without a network.',
      line: 'zilliz-rotation report --since 2026-01-01 --until 2026-03-31 --output evidence.html',
    },
    {
      text: 'Write two tables for a spreadsheet: secrets, and rotations in evidence-rotations.csv.',
      line: 'zilliz-rotation report --format csv --tag team=search --output evidence.csv',
    },
  ],
  define: addReportOptions,
  exitCodes: {
    ok: 'the report is complete. It may contain exceptions and failed controls',
    refused: 'the report was written and lists secrets that could not be read, or no secret could be selected',
  },
};

function addReportOptions(command: Command): void {
  addPeriodOptions(addSharedOptions(addSelectionOptions(command)).optionsGroup('Report:'))
    .addOption(new Option('--format <format>', 'format of the report').choices(FORMATS).default('html'))
    .option('--output <file>', 'write the report to this file instead of stdout')
    .addOption(
      new Option('--owner-tags <keys>', 'tags that name the owner of a secret, separated by commas')
        .argParser(parseList)
        .default(['owner', 'team'], 'owner,team'),
    )
    // The limits are those of the rules of AWS Config.
    .optionsGroup('Parameters of the controls:')
    .option(
      '--max-rotation-frequency <days>',
      'SecretsManager.1: the longest allowed time between rotations (default: any schedule passes)',
      parseCountUpTo(365),
    )
    .option('--unused-for-days <days>', 'SecretsManager.3: days without a read', parseCountUpTo(365), 90)
    .option(
      '--max-days-since-rotation <days>',
      'SecretsManager.4 and PCI DSS 8.3.9: the highest age of a password. For PCI DSS 8.3.9, at most 90 days',
      parseCountUpTo(180),
      90,
    )
    .option(
      '--required-tags <keys>',
      'SecretsManager.5: tags that a secret must have, separated by commas (default: any tag passes)',
      parseList,
    );
}

import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addSharedOptions, parseList } from '../terminal/options.ts';
import { addPeriodOptions, type PeriodOptions } from '../terminal/period-options.ts';

const FORMATS = ['html', 'csv'] as const;

export interface ReportOptions extends SelectionOptions, PeriodOptions {
  readonly ownerTags: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
}

export const reportDefinition: CommandDefinition = {
  name: 'report',
  summary: 'write evidence for an audit period',
  description:
    'Writes every secret with its owner, policy and age, every rotation with start, end, trigger, ' +
    'result and source, and the exceptions with their reasons. ' +
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
    ok: 'the report is complete. It may contain exceptions',
    refused:
      'the report was written, but secrets or sources that it names could not be read; or no secret could be selected',
  },
};

function addReportOptions(command: Command): void {
  addPeriodOptions(addSharedOptions(addSelectionOptions(command)).optionsGroup('Report:'))
    .addOption(new Option('--format <format>', 'format of the report').choices(FORMATS).default('html'))
    .addOption(new Option('--output <file>', 'write the report to this file instead of stdout').conflicts('json'))
    .addOption(
      new Option('--owner-tags <keys>', 'tags that name the owner of a secret, separated by commas')
        .argParser(parseList)
        .default(['owner', 'team'], 'owner,team'),
    );
}

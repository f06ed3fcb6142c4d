import type { Command } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addSharedOptions, type SharedOptions } from '../terminal/options.ts';
import { addPeriodOptions, type PeriodOptions } from '../terminal/period-options.ts';

export type HistoryOptions = SharedOptions & PeriodOptions;

export const historyDefinition: CommandDefinition = {
  name: 'history',
  summary: 'list the past rotations and failures of a secret',
  description:
    'Lists the rotations of a secret in a period: ' +
    'when, started by whom, how long, which step failed with which code, and the outcome. ' +
    "Reads the function's log, the dates of the versions, and CloudTrail, and names the sources of " +
    'each rotation. Logs in to no cluster and changes nothing. ' +
    'CloudTrail keeps 90 days and allows two lookups a second.',
  examples: [
    { text: 'List the rotations of the last 90 days.', line: 'zilliz-rotation history milvus/orders' },
    {
      text: 'List the rotations of a month.',
      line: 'zilliz-rotation history milvus/orders --since 2026-01-01 --until 2026-01-31',
    },
  ],
  define: addHistoryOptions,
  exitCodes: {
    ok: 'at least one source was read',
    refused: 'the secret or every source could not be read; nothing was changed',
  },
};

function addHistoryOptions(command: Command): void {
  addPeriodOptions(addSharedOptions(command.argument('<secret>', 'name or ARN of the secret')).optionsGroup('Period:'));
}

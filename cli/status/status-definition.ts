import type { Command } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addSharedOptions, parseCount } from '../terminal/options.ts';

export interface StatusOptions extends SelectionOptions {
  readonly concurrency: number;
}

export const statusDefinition: CommandDefinition = {
  name: 'status',
  summary: 'show which stored password is in force and what is wrong',
  description:
    'Shows versions, labels and rotation of each secret. Logs in to find the stored version that the cluster accepts. Changes nothing. Compares the given secrets: two secrets for one cluster user make each other wrong.',
  examples: [
    { text: 'Show one secret.', line: 'zilliz-rotation status milvus/orders' },
    {
      text: 'Show all secrets of a rotation function.',
      line: 'zilliz-rotation status --rotated-by zilliz-rotation',
    },
  ],
  define: addStatusOptions,
};

function addStatusOptions(command: Command): void {
  addSharedOptions(addSelectionOptions(command)).option(
    '--concurrency <count>',
    'how many secrets at a time',
    parseCount,
    10,
  );
}

import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { ValueError } from '../outcome/usage-error.ts';
import { ENDPOINT_CONDITION_PERMISSION, FUNCTION_PERMISSION } from '../permission.ts';
import { addSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addSharedOptions, parseDurationOption } from '../terminal/options.ts';

export interface WatchOptions extends SelectionOptions {
  readonly untilIdle?: boolean;
  /** Milliseconds. */
  readonly for?: number;
  /** Milliseconds. */
  readonly interval: number;
}

export const watchDefinition: CommandDefinition = {
  name: 'watch',
  summary: 'follow rotations live',
  changes: 'nothing',
  description:
    "Prints a line for each event of a rotation: started, step finished, failed with its code, succeeded, stopped. Reads labels and the function's log. Logs in to no cluster and changes nothing. Without names and conditions, it watches every secret that a function of this product rotates. Ends at Ctrl-C.",
  examples: [
    { text: 'Follow every rotation until Ctrl-C.', line: 'zilliz-rotation watch' },
    {
      text: 'Wait in a pipeline until no rotation runs, at most 10 minutes.',
      line: 'zilliz-rotation watch --tag team=search --until-idle --for 10m --json',
    },
  ],
  define: addWatchOptions,
  exitCodes: {
    ok: 'the end that --until-idle or --for asks for, and no rotation failed meanwhile',
    failed: 'a rotation failed, and its next attempt did not succeed before the end',
    refused: 'a secret could not be read, or it is not known whether the conditions select it',
  },
  permissions: [
    { action: 'secretsmanager:DescribeSecret', resource: 'the secret', when: 'for at most 20 secrets' },
    { action: 'secretsmanager:ListSecrets', resource: 'any (`*`)', when: 'to search, and for more than 20 secrets' },
    {
      action: 'logs:FilterLogEvents',
      resource: 'the log group',
      when: 'optional: shows steps and failures. Without it, start and success come from the labels',
    },
    FUNCTION_PERMISSION,
    ENDPOINT_CONDITION_PERMISSION,
  ],
  printsJsonLines: true,
};

function addWatchOptions(command: Command): void {
  addSharedOptions(addSelectionOptions(command), 'print one JSON document for each event, in a line on stdout')
    .optionsGroup('Watching:')
    .option('--until-idle', 'end when no rotation runs; a rotation that waits for its next attempt does not run')
    .option('--for <duration>', 'end after this time', parseDurationOption)
    .addOption(
      new Option('--interval <duration>', 'time between two reads, at least 1s')
        .argParser(parseInterval)
        .default(5000, '5s'),
    );
}

/** A parser for commander. A shorter interval would meet AWS's quotas. */
function parseInterval(text: string): number {
  const interval = parseDurationOption(text);
  if (interval < 1000) {
    throw new ValueError('Expected at least 1s.');
  }
  return interval;
}

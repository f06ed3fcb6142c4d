import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addClusterOptions, type ClusterOptions, parseDurationOption, parserOf } from '../terminal/options.ts';

export interface RotateOptions extends SelectionOptions, ClusterOptions {
  /** How long to follow each rotation, in milliseconds. */
  readonly timeout: number;
  readonly concurrency: number;
  readonly maxFailures: FailureLimit;
  readonly yes?: boolean;
  readonly bothUsers?: boolean;
  readonly revokePrevious?: boolean;
}

export type FailureLimit = { readonly share: number } | { readonly count: number };

export const rotateDefinition: CommandDefinition = {
  name: 'rotate',
  summary: 'rotate now and wait until the new credential logs in',
  description:
    'Starts a rotation of each secret, follows it to its end, and logs in to the cluster with the ' +
    'new credential. ' +
    'Exits with 0 only if AWSCURRENT has moved to the new version and the cluster accepts it. ' +
    'With a condition, --both-users or --revoke-previous, shows a plan and asks first.',
  examples: [
    { text: 'Rotate one secret.', line: 'zilliz-rotation rotate milvus/orders' },
    { text: 'Rotate two secrets in a pipeline.', line: 'zilliz-rotation rotate milvus/orders milvus/search --json' },
    {
      text: 'Show which secrets are older than 30 days, and ask.',
      line: 'zilliz-rotation rotate --all --older-than 30d',
    },
    {
      text: 'Rotate all secrets that name a cluster in their tag, in a pipeline.',
      line: 'zilliz-rotation rotate --tag zilliz:endpoint=https://milvus.example.com:19530 --yes',
    },
    {
      text: 'Continue after a crash: rotate what has not rotated since the first run began.',
      line: 'zilliz-rotation rotate --all --older-than 2026-03-01T12:00:00Z',
    },
    {
      text: 'Replace every password after a leak.',
      line: 'zilliz-rotation rotate --all --both-users',
    },
    {
      text: 'Replace an API key after a leak, and delete the replaced one.',
      line: 'zilliz-rotation rotate milvus/search --revoke-previous',
    },
  ],
  define: addRotateOptions,
  exitCodes: {
    ok: 'AWSCURRENT has moved, and the cluster accepts the new credential',
    failed:
      'the rotation failed, was abandoned or was cancelled, or the cluster still accepts an API key after --revoke-previous',
    running:
      'the rotation was still running at the end of the time limit, or the command could no longer watch it; nothing was stopped',
    refused:
      'not started, and nothing changed, for example: no such secret, access denied, rotation off, a previous rotation is incomplete, no --yes',
    rejected:
      'AWSCURRENT has moved, and the cluster rejects the new credential; applications are locked out: run status, then repair',
    unconfirmed:
      'AWSCURRENT has moved, and the function has tested the credential; this machine could not confirm the login, or that every earlier API key is refused',
  },
};

function addRotateOptions(command: Command): void {
  addClusterOptions(addSelectionOptions(command))
    .optionsGroup('Waiting:')
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long to follow each rotation; the rotation continues without this command',
      )
        .argParser(parseDurationOption)
        .default(300_000, '5m'),
    )
    .optionsGroup('Many secrets:')
    .option('--yes', 'rotate the selected secrets, both users, or revoke keys, without a question')
    .option(
      '--concurrency <count>',
      'how many secrets at a time, in each account and region',
      (text) => Number(parserOf(/^[1-9]\d{0,3}$/, 'Expected a whole number from 1 to 9999.')(text)),
      200,
    )
    .addOption(
      new Option(
        '--max-failures <limit>',
        'start no further rotation if more fail: a share, or a number of secrets; refused starts count in their account and region only',
      )
        .argParser(parseFailureLimit)
        .default({ share: 0.1 }, '10%'),
    )
    .optionsGroup('After a leak:')
    .option(
      '--both-users',
      'rotate both users of each secret whose users take turns, without the minimum gap; says what this interrupts, and asks',
    )
    .addOption(
      new Option(
        '--revoke-previous',
        'delete the replaced API key right after the rotation; says what this interrupts, and asks',
      ).conflicts('bothUsers'),
    );
}

/** A parser for commander: `10%` or `5`. */
function parseFailureLimit(text: string): FailureLimit {
  const [, number = '', percent] = /^(\d{1,5})(%?)$/.exec(text) ?? [];
  if (number === '' || (percent === '%' && Number(number) > 100)) {
    throw new InvalidArgumentError('Expected a share such as 10%, or a number of secrets.');
  }
  return percent === '%' ? { share: Number(number) / 100 } : { count: Number(number) };
}

import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { SAME_USER_PERMISSIONS, SELECT_PERMISSIONS } from '../permission.ts';
import { addClusterSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addSharedOptions, type ClusterOptions, parseCount, parseDurationOption } from '../terminal/options.ts';
import { type FailureLimit, parseFailureLimit } from './bulk/failure-limit.ts';

export interface RotateCommandOptions extends SelectionOptions, ClusterOptions {
  readonly timeout: number;
  readonly retryWait: number;
  readonly concurrency: number;
  /** How many rotations the command starts per second, in each account and region. */
  readonly rate?: number;
  readonly maxFailures: FailureLimit;
  readonly dryRun?: boolean;
  readonly journal?: string;
  readonly resume?: string;
  readonly bothUsers?: boolean;
  readonly yes?: boolean;
}

/** Durations in milliseconds. */
export const ROTATE_DEFAULTS = {
  timeout: 300_000,
  retryWait: 60_000,
  concurrency: 200,
  maxFailures: { share: 0.1 },
} as const;

export const rotateDefinition: CommandDefinition = {
  name: 'rotate',
  summary: 'rotate now and wait until the new credential logs in',
  changes: 'the password, through the deployed function',
  description:
    'Starts a rotation of each secret, follows it to its end, and logs in to the cluster with the new credential. Exits with 0 only if AWSCURRENT has moved to the new version and the cluster accepts it. If a condition or --file selects the secrets, shows them and asks first.',
  examples: [
    { text: 'Rotate one secret.', line: 'zilliz-rotation rotate milvus/orders' },
    { text: 'Rotate two secrets in a pipeline.', line: 'zilliz-rotation rotate milvus/orders milvus/search --json' },
    {
      text: 'Show which secrets are older than 30 days, and how long their rotation takes.',
      line: 'zilliz-rotation rotate --all --older-than 30d --dry-run',
    },
    {
      text: 'Rotate all secrets of a cluster in a pipeline.',
      line: 'zilliz-rotation rotate --endpoint https://milvus.example.com:19530 --yes',
    },
    {
      text: 'Continue after a crash.',
      line: 'zilliz-rotation rotate --resume zilliz-rotation-20260301T120000Z.jsonl',
    },
    {
      text: 'Rotate both users of a secret after a leak.',
      line: 'zilliz-rotation rotate milvus/orders --both-users',
    },
  ],
  define: addRotateOptions,
  exitCodes: {
    ok: 'AWSCURRENT has moved, and the cluster accepts the new password',
    failed: 'the rotation failed, was abandoned or was cancelled',
    running:
      'the rotation was still running at the end of the time limit, or the command could no longer watch it; nothing was stopped',
    refused:
      'not started, and nothing changed, for example: no such secret, access denied, rotation off, a previous rotation is incomplete, no --yes',
    rejected:
      'AWSCURRENT has moved, and the cluster rejects the new password; applications are locked out: run status, then repair',
    unconfirmed:
      'AWSCURRENT has moved, and the function has tested the password; this machine could not confirm the login',
  },
  codes: {
    refused: {
      'not-configured': 'the secret has no rotation function',
      'rotation-off': 'rotation of the secret is off',
      'marked-for-deletion': 'the secret is marked for deletion',
      'no-value': 'the secret holds no value yet',
      'unusable-secret': 'AWSCURRENT is not a usable credential, or its host is not allowed here',
      'same-user': 'another secret holds the same user',
      'previous-incomplete': 'a previous rotation has not ended',
      'too-recent': 'two users of the secret take turns, and the minimum gap since its last rotation has not passed',
      'not-invocable': 'Secrets Manager cannot invoke the rotation function',
      refused: 'Secrets Manager refuses RotateSecret for another reason, which the message shows',
      declined: 'a person answered the question with no',
      'consent-needed': 'nobody could answer the question, and --yes is missing',
      'unknown-owner':
        'a condition selects the secret, and it is not known whether a function of this product rotates it',
      'unknown-cluster': 'a condition selects the secret, and its cluster is not known',
      'nothing-to-rotate': 'no selected secret can rotate',
      stopped: 'more rotations failed than --max-failures allows',
      'journal-not-written': 'the journal cannot be written',
    },
    failed: {
      UNKNOWN: 'a step failed, and the function logged no reason',
      abandoned: 'somebody stored another value during the rotation',
      'pending-removed': 'somebody, or the function, removed AWSPENDING during the rotation',
      cancelled: 'somebody turned rotation off during the rotation',
      superseded: 'with --resume: another version has become AWSCURRENT since the earlier run',
    },
    running: {
      'timed-out': 'the rotation was still running at the end of --timeout',
      'start-unknown': 'AWS gave no answer, so it is not known whether the rotation started',
      'not-followed': 'with --resume: the version before the rotation cannot be read',
    },
    rejected: {
      'login-rejected': 'the cluster rejects the new password',
    },
    unconfirmed: {
      'cluster-unavailable': 'this machine cannot reach the cluster',
      'login-forbidden': 'the cluster forbids the user to describe itself',
      'authorization-off': 'the cluster accepts a wrong password too',
      'other-user': 'the new version names an unexpected user or host',
      unreadable: 'the new version cannot be read',
    },
    interrupted: {
      interrupted: 'Ctrl-C',
      'start-unknown': 'Ctrl-C before AWS answered, so it is not known whether the rotation started',
    },
  },
  permissions: [
    { action: 'secretsmanager:DescribeSecret', resource: 'the secret' },
    { action: 'secretsmanager:GetSecretValue', resource: 'the secret' },
    { action: 'secretsmanager:RotateSecret', resource: 'the secret' },
    ...SELECT_PERMISSIONS,
    {
      action: 'lambda:InvokeFunction',
      resource: 'the function',
      when: 'always: AWS requires it from the caller of RotateSecret',
    },
    {
      action: 'lambda:GetFunctionConfiguration',
      resource: 'the function',
      when: 'optional: finds its log group and the users that take turns',
    },
    { action: 'logs:FilterLogEvents', resource: 'the log group', when: 'optional: shows steps and reasons' },
    ...SAME_USER_PERMISSIONS,
    {
      action: 'secretsmanager:ListSecretVersionIds',
      resource: 'the secret',
      when: 'optional, with `--both-users`: finds versions without a label',
    },
  ],
};

function addRotateOptions(command: Command): void {
  addSharedOptions(addClusterSelectionOptions(command))
    .optionsGroup('Waiting:')
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long to follow each rotation; the rotation continues without this command',
      )
        .argParser(parseDurationOption)
        .default(ROTATE_DEFAULTS.timeout, '5m'),
    )
    .addOption(
      new Option(
        '--retry-wait <duration>',
        'how long to wait for the next attempt after a failure that a retry may repair',
      )
        .argParser(parseDurationOption)
        .default(ROTATE_DEFAULTS.retryWait, '1m'),
    )
    .optionsGroup('Many secrets:')
    .option('--dry-run', 'show what would be rotated and how long it takes, and change nothing')
    .option('--yes', 'rotate the selected secrets, or both users, without a question')
    .option(
      '--concurrency <count>',
      'how many secrets at a time, in each account and region',
      parseCount,
      ROTATE_DEFAULTS.concurrency,
    )
    .option(
      '--rate <count>',
      'at most so many starts a second, in each account and region (default: as many as the quotas of AWS allow)',
      parseCount,
    )
    .addOption(
      new Option('--max-failures <limit>', 'start no further rotation if more fail: a share, or a number of secrets')
        .argParser(parseFailureLimit)
        .default(ROTATE_DEFAULTS.maxFailures, '10%'),
    )
    .option(
      '--journal <path>',
      'the new file that records the rotations (default: a name with the time, in this folder)',
    )
    .option('--resume <path>', 'continue the rotations of this journal, after a crash, Ctrl-C or a stop')
    .optionsGroup('After a leak:')
    .option(
      '--both-users',
      'rotate both users of a secret whose users take turns, without the minimum gap; says what this interrupts, and asks',
    );
}

import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { SAME_USER_PERMISSIONS } from '../permission.ts';
import { addSharedOptions, parseCount, parseDurationOption, type SharedOptions } from '../terminal/options.ts';

export interface RotateCommandOptions extends SharedOptions {
  readonly timeout: number;
  readonly retryWait: number;
  readonly concurrency: number;
  readonly bothUsers?: boolean;
  readonly yes?: boolean;
}

/** Durations in milliseconds. */
export const ROTATE_DEFAULTS = { timeout: 300_000, retryWait: 60_000, concurrency: 10 } as const;

export const rotateDefinition: CommandDefinition = {
  name: 'rotate',
  summary: 'rotate now and wait until the new credential logs in',
  changes: 'the password, through the deployed function',
  description:
    'Starts a rotation of each secret, follows it to its end, and logs in to the cluster with the new credential. Exits with 0 only if AWSCURRENT has moved to the new version and the cluster accepts it.',
  examples: [
    { text: 'Rotate one secret.', line: 'zilliz-rotation rotate milvus/orders' },
    { text: 'Rotate two secrets in a pipeline.', line: 'zilliz-rotation rotate milvus/orders milvus/search --json' },
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
  permissions: [
    { action: 'secretsmanager:DescribeSecret', resource: 'the secret' },
    { action: 'secretsmanager:GetSecretValue', resource: 'the secret' },
    { action: 'secretsmanager:RotateSecret', resource: 'the secret' },
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
  command.argument('<secret...>', 'names or ARNs of secrets');
  addSharedOptions(command)
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
    .option('--concurrency <count>', 'how many secrets at a time', parseCount, ROTATE_DEFAULTS.concurrency)
    .optionsGroup('After a leak:')
    .option(
      '--both-users',
      'rotate both users of a secret whose users take turns, without the minimum gap; says what this interrupts, and asks',
    )
    .option('--yes', 'rotate both users without a question');
}

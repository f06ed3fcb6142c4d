import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addClusterOptions, addManagerOption, type ExamineOptions, parserOf, parseUsers } from '../terminal/options.ts';

export interface VerifyOptions extends ExamineOptions {
  /** An ARN. */
  readonly function?: string;
  readonly adminSecret?: string;
  readonly users?: readonly [string, string];
  /** The id of an API key. */
  readonly like?: string;
  readonly slow?: boolean;
  readonly clean?: boolean;
  readonly yes?: boolean;
}

export const verifyDefinition: CommandDefinition = {
  name: 'verify',
  summary: 'check on your own account what this product assumes about AWS and the cluster',
  description:
    'Rotates a temporary secret with the deployed rotation function, and compares what it sees with docs/assumptions.md. ' +
    'The secret holds a temporary user that an admin creates, one of two throw-away users, or a temporary API key. ' +
    'Shows the plan and asks. Some rotations fail on purpose, which raises the alarms about failed and abandoned rotations. ' +
    'Removes what it created, also after Ctrl-C and if the terminal is closed. After a crash, run it with --clean. ' +
    'Takes less than three minutes without --slow. ' +
    'The result names no secret, account, host or user, so it can be attached to an issue.',
  examples: [
    {
      text: 'Check with a user that an admin creates, and write a file for an issue.',
      line: 'zilliz-rotation verify --endpoint https://HOST:PORT --admin-secret milvus/admin --yes --json > verify.json',
    },
    {
      text: 'Check with two users of no other use. The command asks for their passwords.',
      line: 'zilliz-rotation verify --endpoint https://HOST:PORT --users throwaway_a,throwaway_b',
    },
    {
      text: 'Check with an API key that has the role and scope of another one.',
      line: 'zilliz-rotation verify --endpoint https://HOST --manager --like key-xxxxxxxxxxxxxxxxx',
    },
    {
      text: 'Remove what a command left that was killed.',
      line: 'zilliz-rotation verify --clean --admin-secret milvus/admin',
    },
  ],
  define: addVerifyOptions,
  exitCodes: {
    ok: 'every check that was asked for holds; the table names the option that another check needs',
    failed: 'a check differs, something temporary could not be created, or something is left',
    refused: 'not started, and nothing changed, for example: the function accepts no temporary secret, no --yes',
    unconfirmed: 'no check differs, but something prevented one that was asked for',
  },
};

const FUNCTION_ARN = /^arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$/;

function addVerifyOptions(command: Command): void {
  addManagerOption(addClusterOptions(command).optionsGroup('Temporary credential:'))
    .option('--admin-secret <secret>', 'secret of an admin, who creates a temporary user and drops it')
    .addOption(
      new Option('--users <a,b>', 'two throw-away users without a role, whose passwords change')
        .argParser(parseUsers)
        .conflicts('adminSecret'),
    )
    .addOption(
      new Option(
        '--like <key-id>',
        'with --manager: create a temporary key with the role and scope of this one',
      ).conflicts(['adminSecret', 'users']),
    )
    .optionsGroup('Check:')
    .option(
      '--function <arn>',
      'the rotation function (default: the only one that secrets of this account and region name)',
      parserOf(FUNCTION_ARN, 'Expected the ARN of a Lambda function, without a version.'),
    )
    .option('--slow', 'also wait for retries and for CloudTrail, up to an hour')
    .addOption(
      new Option(
        '--clean',
        'check nothing, and remove what other commands left, also of one that still runs',
      ).conflicts(['json', 'slow', 'like', 'users']),
    )
    .option('--yes', 'run the plan without a question');
}

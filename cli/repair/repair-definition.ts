import { type Command, Option } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addClusterOptions, addManagerOption, type ExamineOptions } from '../terminal/options.ts';

export interface RepairCommandOptions extends ExamineOptions {
  readonly yes?: boolean;
  readonly adminSecret?: string;
  readonly version?: string;
  /** The id of the API key whose role and scope a new key gets. */
  readonly like?: string;
}

export const repairDefinition: CommandDefinition = {
  name: 'repair',
  summary: 'move AWSCURRENT to the accepted credential and remove a stuck AWSPENDING',
  description:
    'Finds the stored version that the cluster accepts and moves AWSCURRENT to it. Removes AWSPENDING from a version that is not accepted, so that a rotation can start. Removes old sent labels if a label has no room. Works with rotation on or off. Shows the plan and asks before it changes anything. If the cluster accepts no stored password, an admin credential can set a new one; if you know the password, use init. If the cluster accepts no stored password of a user, searches up to 1,000 other secrets for this user, and reads their values. Ends with 0 only if status finds nothing with which the next rotation would fail.',
  examples: [
    { text: 'Show the plan, and ask before any change.', line: 'zilliz-rotation repair milvus/orders' },
    {
      text: 'Set a new password if no stored password is accepted.',
      line: 'zilliz-rotation repair milvus/orders --admin-secret milvus/admin',
    },
    {
      text: 'Create an API key if no stored one is accepted.',
      line: 'zilliz-rotation repair milvus/search --manager --like key-xxxxxxxxxxxxxxxxx',
    },
    {
      text: 'Undo an edit that stored a wrong value: move AWSCURRENT to a version that status names.',
      line: 'zilliz-rotation repair milvus/orders --version 1c2f9d3e-5b7a-4d0c-9f6e-8a1b2c3d4e5f',
    },
  ],
  define: addRepairOptions,
  exitCodes: {
    ok: 'AWSCURRENT is accepted, proven by logins, and nothing blocks a rotation',
    failed: 'a problem is left, or the repair failed; the message says what has changed',
    refused: 'not started, and nothing changed, for example: no such secret, access denied, no --yes',
    unconfirmed: 'this machine cannot find out which credential the cluster accepts',
  },
};

function addRepairOptions(command: Command): void {
  command.argument('<secret>', 'name or ARN of the secret');
  addManagerOption(addClusterOptions(command).optionsGroup('Repair:'))
    .addOption(
      new Option(
        '--like <key-id>',
        'with --manager, if no stored API key is accepted: create a key with the role and scope of this one, and store it',
      ).conflicts(['version', 'adminSecret']),
    )
    .option('--yes', 'run the plan without a question')
    .addOption(
      new Option('--version <id>', 'move AWSCURRENT to this version, if the cluster accepts its credential').conflicts(
        'adminSecret',
      ),
    )
    .option(
      '--admin-secret <secret>',
      "secret with an admin's JSON {endpoint, username, password} or {endpoint, apiKey}, used if no stored password of a user is accepted",
    );
}

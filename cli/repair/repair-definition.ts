import type { Command } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addClusterOptions, addSharedOptions, type ClusterOptions, parseRole } from '../terminal/options.ts';

export interface RepairCommandOptions extends ClusterOptions {
  readonly yes?: boolean;
  readonly adminSecret?: string;
  readonly recreateUser?: boolean;
  readonly restorePrevious?: boolean;
  readonly role?: readonly string[];
}

export const repairDefinition: CommandDefinition = {
  name: 'repair',
  summary: 'move AWSCURRENT to the password in force and remove a stuck AWSPENDING',
  description:
    'Finds the stored version that the cluster accepts and moves AWSCURRENT to it. Removes AWSPENDING from a version that is not in force, so that a rotation can start. Removes old sent labels if the next rotation has no room for its label. Works with rotation on or off. Shows the plan and asks before it changes anything. If no stored password is in force, an admin credential can set a new one. If the password changes meanwhile, plans again.',
  examples: [
    { text: 'Show the plan, and ask before any change.', line: 'zilliz-rotation repair milvus/orders' },
    {
      text: 'Set a new password if no stored password is in force.',
      line: 'zilliz-rotation repair milvus/orders --admin-secret milvus/admin',
    },
    {
      text: 'Undo an edit that stored a wrong value.',
      line: 'zilliz-rotation repair milvus/orders --restore-previous',
    },
  ],
  define: addRepairOptions,
  exitCodes: {
    ok: 'AWSCURRENT is in force, proven by logins, and nothing blocks a rotation',
    failed: 'the repair failed; the message says what has changed',
    refused: 'not started, and nothing changed, for example: no such secret, access denied, no --yes',
    unconfirmed: 'this machine cannot find out which password the cluster accepts',
  },
};

function addRepairOptions(command: Command): void {
  command.argument('<secret>', 'name or ARN of the secret');
  addSharedOptions(addClusterOptions(command))
    .optionsGroup('Repair:')
    .option('--yes', 'run the plan without a question')
    .option(
      '--restore-previous',
      'move AWSCURRENT back to the user and host in AWSPREVIOUS, after a wrong value was stored',
    )
    .option(
      '--admin-secret <secret>',
      "secret with an admin's JSON {endpoint, username, password} or {endpoint, apiKey}, used if no stored password is in force, and for roles; asks before the first use",
    )
    .option(
      '--recreate-user',
      'allow the admin to drop and recreate the user, if the cluster requires the old password',
    )
    .option('--role <role>', 'a role that an interrupted repair did not grant; repeatable', parseRole);
}

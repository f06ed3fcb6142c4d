import type { Command } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { ADMIN_PERMISSIONS, EXAMINE_PERMISSIONS } from '../permission.ts';
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
  changes: "labels; a password only with an admin's credential",
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
  codes: {
    refused: {
      declined: 'a person answered the question with no',
      'consent-needed': 'nobody could answer the question, and --yes is missing',
      'changed-meanwhile': 'the password in force or a label has changed since the plan was made',
      'stale-copies': 'another key of AWSCURRENT repeats the password in a form that a repair does not update',
      'unusable-admin-secret': 'the admin secret holds no usable credential for this cluster',
      'same-user': 'another secret holds the same user',
      'not-reset': 'the user administers the cluster',
      'no-previous': 'the secret has no AWSPREVIOUS version',
      'previous-unusable': 'AWSPREVIOUS is not a usable credential',
      'not-needed': 'AWSCURRENT is in force',
    },
    failed: {
      'none-in-force': 'the cluster rejects every stored password',
      'unusable-secret': 'AWSCURRENT is not a usable credential',
      'authorization-off': 'the cluster accepts a wrong password too',
      'labels-full': 'the secret has no room for the label of the next rotation',
      'previous-not-in-force': 'the cluster rejects every password of the user in AWSPREVIOUS',
      'admin-refused': 'the cluster refuses to describe the user to the admin',
      'admin-rejected': 'the cluster rejects the login of the admin',
      'admin-forbidden': 'the admin may not change the password of the user',
      'old-password-needed': 'the cluster requires the old password even from the admin',
      'no-such-user': 'the cluster has no such user',
      'password-refused': 'the cluster refuses the generated password',
      'not-primary': 'the cluster is a secondary, which refuses changes of users',
      unsettled: 'it is not known whether the cluster has the new password',
      'roles-changing': 'the roles of the user changed while the command read them',
      'drop-failed': 'it is not known whether the user exists, or the cluster did not drop the user',
      'create-failed': 'the user was dropped, and it is not known whether it was created again',
      'roles-missing': 'the cluster did not confirm every role',
      'roles-not-confirmed': 'an earlier repair has not granted every role',
      'changed-meanwhile': 'after a step: somebody else has moved a label',
    },
    unconfirmed: {
      undecided: 'it is not known which password is in force',
      'cluster-unavailable': 'this machine cannot reach the cluster',
      'unusable-secret': 'the host of AWSCURRENT is not allowed here, so no password was tried',
      'authorization-off': 'before a label moved: the cluster now accepts a wrong password too',
      'changed-meanwhile': 'before a label moved: the last login proved nothing',
    },
    interrupted: {
      interrupted: 'Ctrl-C',
    },
  },
  permissions: [
    ...EXAMINE_PERMISSIONS,
    ...ADMIN_PERMISSIONS,
    { action: 'secretsmanager:UpdateSecretVersionStage', resource: 'the secret' },
    {
      action: 'secretsmanager:PutSecretValue',
      resource: 'the secret',
      when: 'to keep an edit, and with `--admin-secret`',
    },
    { action: 'secretsmanager:TagResource', resource: 'the secret', when: 'with `--recreate-user`' },
    {
      action: 'secretsmanager:UntagResource',
      resource: 'the secret',
      when: 'with `--recreate-user` or `--role`, or after an interrupted `--recreate-user`',
    },
  ],
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

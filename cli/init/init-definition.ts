import { type Command, Option } from 'commander';
import { STRATEGY_NAMES, type StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import type { CommandDefinition } from '../command-definition.ts';
import { ValueError } from '../outcome/usage-error.ts';
import { ADMIN_PERMISSIONS, EXAMINE_PERMISSIONS } from '../permission.ts';
import {
  addClusterOptions,
  addSharedOptions,
  type ClusterOptions,
  parseRole,
  parseUsername,
} from '../terminal/options.ts';

/** Not an alias: the rotation stack gives its function access to this key. */
export const KEY_ARN: RegExp = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;

export interface InitOptions extends ClusterOptions {
  readonly username?: string;
  readonly strategy: StrategyName;
  readonly adminSecret?: string;
  readonly role?: readonly string[];
  readonly kmsKey?: string;
  readonly yes?: boolean;
}

/** What the operator asks for. */
export interface InitRequest extends Pick<InitOptions, 'strategy' | 'username' | 'users' | 'adminSecret' | 'kmsKey'> {
  /** Name or ARN. */
  readonly secretId: string;
  /** `undefined`: the endpoint that the secret names. */
  readonly endpoint: string | undefined;
  /** The roles of users that the command creates. */
  readonly roles: readonly string[];
}

export const initDefinition: CommandDefinition = {
  name: 'init',
  summary: 'take a cluster user into rotation, or two users that take turns',
  changes: "the secret; users and roles only with an admin's credential",
  description:
    'Proves the password of a cluster user by a login, and stores the credential in a new or an existing secret. With an admin credential, the command also creates users. Two users of one secret can take turns: AWSCURRENT stays, so applications keep their token. Shows the plan and asks before it changes anything. If the command is interrupted, run it again: it continues. Prints the entry for the configuration file of the rotation stack.',
  examples: [
    {
      text: 'A user that exists. The command asks for its password.',
      line: 'zilliz-rotation init milvus/orders --endpoint https://HOST:PORT --username orders',
    },
    {
      text: 'The same in a pipeline, with the password as a line on standard input.',
      line: 'read-password | zilliz-rotation init milvus/orders --endpoint https://HOST:PORT --username orders --yes',
    },
    {
      text: 'A second user for a secret that has one. An admin creates it with the roles of the first.',
      line: 'zilliz-rotation init milvus/orders --strategy alternating-users --users orders,orders_b --admin-secret milvus/admin',
    },
    {
      text: 'Two new users with a role.',
      line: 'zilliz-rotation init milvus/search --endpoint https://HOST:PORT --strategy alternating-users --users search,search_b --role reader --admin-secret milvus/admin',
    },
  ],
  define: addInitOptions,
  exitCodes: {
    ok: 'every step is done, and every stored credential is accepted',
    failed: 'a step failed; the message names the steps that remain',
    running: 'the first rotation, started after a yes at the end, was still running at the end of the time limit',
    refused: 'not started, and nothing changed, for example: access denied, no password, no --yes',
    rejected: 'the first rotation moved AWSCURRENT, and the cluster rejects the new password',
    unconfirmed: 'the cluster gave no clear answer; nothing changed, unless the message says that every step is done',
  },
  codes: {
    refused: {
      'endpoint-needed': 'the secret names no endpoint, and --endpoint is missing',
      'username-needed': 'the secret names no user, and --username is missing',
      'password-needed': 'no stored password is in force, and nobody gave one',
      'password-rejected': 'the cluster rejects the given password',
      'endpoint-refused': 'the host is not allowed here, or the address is not valid',
      'other-user': 'AWSCURRENT names another user',
      'other-endpoint': 'AWSCURRENT names another endpoint',
      'other-key': 'the secret exists with another key than --kms-key',
      'other-users-configured': 'the configuration names other users for the secret',
      'current-not-in-force': 'the password in force is in a version other than AWSCURRENT',
      'rotation-incomplete': 'a rotation has not ended',
      'labels-full': 'the secret has no room for another label',
      'stale-copies': 'another key of AWSCURRENT repeats the password in a form that a rotation does not update',
      'stale-user-copies':
        'another key of AWSCURRENT repeats the user in a form that a rotation of two users does not update',
      'unusable-secret': 'AWSCURRENT is not a usable credential',
      'same-user': 'another secret holds the same user',
      'unusable-admin-secret': 'the admin secret holds no usable credential for this cluster',
      'admin-user': 'the user administers the cluster',
      'marked-for-deletion': 'the secret is marked for deletion',
      'changed-meanwhile': 'somebody else has changed the secret since the plan was made',
      declined: 'a person answered the question with no',
      'consent-needed': 'nobody could answer the question, and --yes is missing',
    },
    failed: {
      'create-refused': 'the cluster did not create the user',
      unsettled: 'it is not known whether the cluster created the user',
      'roles-missing': 'the cluster did not confirm every role',
      'login-rejected': 'the cluster rejects a stored password that it accepted before',
      'admin-refused': 'the cluster refuses the credential of the admin',
      'authorization-off': 'the cluster accepts a wrong password too',
    },
    unconfirmed: {
      undecided: 'it is not known which password is in force',
      'cluster-unavailable': 'this machine cannot reach the cluster',
    },
    interrupted: {
      interrupted: 'Ctrl-C',
    },
  },
  permissions: [
    { action: 'secretsmanager:CreateSecret', resource: 'the secret', when: 'only for a new secret' },
    { action: 'secretsmanager:TagResource', resource: 'the secret', when: 'only for a new secret' },
    ...EXAMINE_PERMISSIONS,
    ...ADMIN_PERMISSIONS,
    { action: 'secretsmanager:PutSecretValue', resource: 'the secret' },
    { action: 'secretsmanager:UpdateSecretVersionStage', resource: 'the secret' },
    {
      action: 'secretsmanager:RotateSecret',
      resource: 'the secret',
      when: 'for the first rotation, after a yes at the end',
    },
    { action: 'lambda:InvokeFunction', resource: 'the function', when: 'with RotateSecret' },
    { action: 'logs:FilterLogEvents', resource: 'the log group', when: 'optional: shows the first rotation' },
  ],
};

/** A parser for commander. The entry of the configuration file takes the same form. */
function parseKeyArn(text: string): string {
  if (!KEY_ARN.test(text)) {
    throw new ValueError('Expected the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID.');
  }
  return text;
}

function addInitOptions(command: Command): void {
  command.argument('<secret>', 'name or ARN of the secret; a secret that does not exist is created by its name');
  addSharedOptions(addClusterOptions(command, 'with --strategy alternating-users: the two users that will take turns'))
    .optionsGroup('Users:')
    .option('--username <user>', 'the cluster user (default: the user that the secret names)', parseUsername)
    .addOption(
      new Option('--strategy <name>', 'one user, or the two users of --users that take turns')
        .choices(STRATEGY_NAMES)
        .default('single-user'),
    )
    .option(
      '--admin-secret <secret>',
      "secret with an admin's JSON {endpoint, username, password} or {endpoint, apiKey}, which creates users that do not exist",
    )
    .option('--role <role>', 'a role of users that the admin creates; repeatable', parseRole)
    .optionsGroup('Changes:')
    .option(
      '--kms-key <arn>',
      'customer managed key of a new secret (default: the key aws/secretsmanager)',
      parseKeyArn,
    )
    .option('--yes', 'run the plan without a question');
}

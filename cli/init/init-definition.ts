import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { FUNCTION_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import { isApiKeyId, isUsername } from '../../protocol/secret/credential-form.ts';
import { STRATEGY_NAMES, type StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import type { CommandDefinition } from '../command-definition.ts';
import { UsageError } from '../outcome/failure.ts';
import { addClusterOptions, type ClusterOptions, collect, parseUsers } from '../terminal/options.ts';

export interface InitOptions extends ClusterOptions {
  readonly username?: string;
  readonly users?: readonly [string, string];
  /** @default as the rotation function is configured, otherwise one user */
  readonly strategy?: StrategyName;
  readonly apiKeyId?: string;
  readonly managerSecret?: string;
  readonly controlPlaneUrl?: string;
  readonly adminSecret?: string;
  readonly role?: readonly string[];
  readonly yes?: boolean;
}

export const initDefinition: CommandDefinition = {
  name: 'init',
  summary: 'store a credential that you know, or take a user or an API key into rotation',
  description:
    'Proves the password of a cluster user by a login, and stores the credential in a new or an ' +
    'existing secret. Repairs a secret whose password somebody changed or never stored: ' +
    'AWSCURRENT moves to the proven password, and a stuck AWSPENDING is removed. ' +
    'For an API key, the command asks for its id too, because the rotation deletes the key by its id later, and asks the control plane whether the key can rotate. ' +
    'With an admin credential, the command also creates users. ' +
    'Two users of one secret can take turns: AWSCURRENT stays, so applications keep their token. ' +
    'Shows the plan and asks before it changes anything. ' +
    'If the command is interrupted, run it again: it continues. ' +
    'Prints the entry for the configuration file of the rotation stack.',
  examples: [
    {
      text: 'A user that exists. The command asks for its password.',
      line: 'zilliz-rotation init milvus/orders --endpoint https://HOST:PORT --username orders',
    },
    {
      text: 'A secret whose password somebody changed. The command asks for it.',
      line: 'zilliz-rotation init milvus/orders',
    },
    {
      text: 'The same for a new secret in a pipeline, with the password as a line on standard input.',
      line: 'read-password | zilliz-rotation init milvus/orders --endpoint https://HOST:PORT --username orders --yes',
    },
    {
      text: 'A second user for a secret that has one. An admin creates it with the roles of the first.',
      line: 'zilliz-rotation init milvus/orders --users orders,orders_b --admin-secret milvus/admin',
    },
    {
      text: 'Two new users with a role.',
      line: 'zilliz-rotation init milvus/search --endpoint https://HOST:PORT --users search,search_b --role reader --admin-secret milvus/admin',
    },
    {
      text: 'An API key of Zilliz Cloud. The command asks for its id and its text.',
      line: 'zilliz-rotation init milvus/search --manager-secret zilliz/manager --endpoint https://HOST',
    },
  ],
  define: addInitOptions,
  exitCodes: {
    ok: 'every step is done, and every stored credential is accepted',
    failed: 'a step failed; the message names the steps that remain',
    refused: 'not started, and nothing changed, for example: access denied, no password, no --yes',
    unconfirmed: 'the cluster gave no clear answer; nothing changed, unless the message says that every step is done',
  },
};

/**
 * A parser for commander. Its error does not quote the text, because it may be a password or a key.
 */
function parseIf(isValid: (text: string) => boolean, message: string, advice: string): (text: string) => string {
  return (text) => {
    if (!isValid(text)) {
      throw new UsageError(message, advice);
    }
    return text;
  };
}

const parseUsername = parseIf(
  isUsername,
  '--username: the text is no name of a user.',
  'Write a letter, then letters, digits and _.-, at most 32 characters, such as orders_app.',
);

const parseApiKeyId = parseIf(
  isApiKeyId,
  '--api-key-id: the text is no id of an API key.',
  'Write the id that the console of Zilliz Cloud shows: letters, digits, _ and -. Never write the key.',
);

/** A parser for commander. An empty environment variable counts as unset. */
function parseControlPlaneUrl(text: string): string | undefined {
  const { parse, allowed } = FUNCTION_SETTINGS.controlPlaneUrl;
  const url = parse(text);
  if (url === undefined && text !== '') {
    throw new InvalidArgumentError(allowed);
  }
  return url;
}

function addInitOptions(command: Command): void {
  command.argument('<secret>', 'name or ARN of the secret; a secret that does not exist is created by its name');
  addClusterOptions(command)
    .optionsGroup('Users:')
    .option('--username <user>', 'the cluster user (default: the user that the secret names)', parseUsername)
    .option('--users <a,b>', 'two users that take turns', parseUsers)
    .addOption(
      new Option(
        '--strategy <name>',
        'one user, the two users of --users that take turns, or an API key (default: as the rotation function is configured, otherwise one user)',
      ).choices(STRATEGY_NAMES),
    )
    .option(
      '--admin-secret <secret>',
      "secret with an admin's JSON {endpoint, username, password} or {endpoint, apiKey}, which creates users that do not exist",
    )
    .option('--role <role>', 'a role of users that the admin creates; repeatable', collect)
    .optionsGroup('API key:')
    .option('--api-key-id <id>', 'the id of the API key (default: the id that the secret names)', parseApiKeyId)
    .addOption(
      new Option(
        '--manager-secret <secret>',
        'secret with the key that manages API keys: asks the control plane with it whether the API key can rotate (default: that of the rotation function)',
      ).implies({ strategy: 'api-key' }),
    )
    .addOption(
      new Option(
        '--control-plane-url <url>',
        `where --manager-secret asks (default: as the rotation function is configured, otherwise ${DEFAULT_CONTROL_PLANE.url})`,
      )
        .argParser(parseControlPlaneUrl)
        .env('CONTROL_PLANE_URL'),
    )
    .optionsGroup('Changes:')
    .option('--yes', 'run the plan without a question');
}

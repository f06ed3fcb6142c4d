import { type Command, Option } from 'commander';
import { STRATEGY_NAMES, type StrategyName } from '../../secret/rotation-strategy.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { ExitCode } from '../exit-code.ts';
import { checkAdminSecret, parseRole } from '../terminal/admin-options.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import {
  addSharedOptions,
  clusterConnection,
  connectAwsFor,
  endpointOptions,
  parseUsername,
  type SharedOptions,
  taskListOptions,
  UsageError,
} from '../terminal/options.ts';
import { runTaskList } from '../terminal/task-list.ts';
import { type InitOutcome, type InitPorts, initSecret } from './init-secret.ts';
import { exitCodeOf, initJson, initText } from './render.ts';

export interface InitOptions extends SharedOptions {
  readonly username?: string;
  readonly strategy: StrategyName;
  readonly adminSecret?: string;
  readonly role?: readonly string[];
  readonly config?: string;
  readonly yes?: boolean;
}

/** Rotates the secret of a command with the same options. */
export type RotateNow = (secretId: string, options: SharedOptions) => Promise<ExitCode>;

const EXAMPLES = `
Examples:
  A user that exists. The command asks for its password:
    zilliz-rotation init milvus/orders --endpoint https://HOST:PORT --username orders
  The same in a pipeline, with the password as a line on standard input:
    read-password | zilliz-rotation init milvus/orders --endpoint https://HOST:PORT --username orders --yes
  A second user for a secret that has one. An admin creates it with the roles of the first:
    zilliz-rotation init milvus/orders --strategy alternating-users --users orders,orders_b --admin-secret milvus/admin
  Two new users with a role, and their entry in the configuration file:
    zilliz-rotation init milvus/search --endpoint https://HOST:PORT --strategy alternating-users \\
      --users search,search_b --role reader --admin-secret milvus/admin --config rotation.yaml
`;

/** Adds `init SECRET` to the program. */
export function addInitCommand(
  program: Command,
  ports: CommandPorts,
  exitWith: (code: ExitCode) => void,
  rotateNow: RotateNow,
): void {
  const command = program
    .command('init')
    .summary('take a cluster user into rotation, or two users that take turns')
    .description(
      'Proves the password of a cluster user by a login, and stores the credential in a new or an existing secret. With an admin credential, the command also creates users. Two users of one secret can take turns: AWSCURRENT stays, so applications keep their token. Shows the plan and asks before it changes anything. If the command is interrupted, run it again: it continues. Prints the entry for the configuration file of the rotation stack.',
    )
    .argument('<secret>', 'name or ARN of the secret; a secret that does not exist is created by its name')
    .addHelpText('after', EXAMPLES);
  addSharedOptions(command)
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
    .option('--config <path>', 'configuration file that gets the entry of the secret, if it has none')
    .option('--yes', 'run the plan without a question')
    .action(async (secretId: string, options: InitOptions) => {
      exitWith(await init(secretId, options, ports, rotateNow));
    });
}

async function init(
  secretId: string,
  options: InitOptions,
  ports: CommandPorts,
  rotateNow: RotateNow,
): Promise<ExitCode> {
  const { strategy, username, users: usernames, adminSecret, role: roles = [], json } = options;
  checkUsers(options);
  const { transport, ...connection } = clusterConnection(options, ports);
  checkAdminSecret(adminSecret, secretId, { transport });
  const endpoints = endpointOptions(options);
  const request = { secretId, strategy, username, usernames, endpoint: endpoints.configured, adminSecret, roles };
  const report = await initSecret(request, {
    ...ports,
    aws: connectAwsFor(secretId, options, ports),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
    endpoints,
    usernames,
    cluster: ports.connectCluster({ transport, ...connection }),
    adminCluster: ports.connectAdminCluster(connection),
    configuration: readConfiguration(options, ports),
    askForConsent: planPrompt(secretId, options, ports),
    whileShowing: (run) => runWithProgress(secretId, run, options, ports),
  });
  ports.out.write(json ? `${JSON.stringify(initJson(report), undefined, 2)}\n` : initText(report));
  const code = exitCodeOf(report.outcome);
  const mayRotate = !('code' in report.outcome) && report.entry?.isDeployed === true;
  return mayRotate && !json && !options.yes && (await ports.ask?.('Rotate now?')) === 'yes'
    ? await rotateNow(secretId, options)
    : code;
}

function checkUsers({ strategy, username, users, role, adminSecret }: InitOptions): void {
  if (strategy === 'alternating-users' && (users === undefined || username !== undefined)) {
    throw new UsageError('--strategy alternating-users needs --users A,B, without --username.');
  }
  if (strategy === 'single-user' && users !== undefined) {
    throw new UsageError('--users needs --strategy alternating-users. For a single user, give --username USER.');
  }
  if (role !== undefined && adminSecret === undefined) {
    throw new UsageError('--role needs --admin-secret. Name the secret of an admin, who grants roles.');
  }
}

/** @throws UsageError if the file exists and cannot be read */
function readConfiguration({ config: path }: InitOptions, ports: CommandPorts): InitPorts['configuration'] {
  if (path === undefined) {
    return undefined;
  }
  try {
    return { path, text: ports.readFile(path) };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT') {
      return { path, text: '' };
    }
    throw new UsageError(`--config ${path} cannot be read (${typeof code === 'string' ? code : 'unknown reason'}).`);
  }
}

async function runWithProgress(
  title: string,
  run: (showProgress: (line: string) => void) => Promise<InitOutcome>,
  options: InitOptions,
  ports: CommandPorts,
): Promise<InitOutcome> {
  const task = {
    title,
    run: async (showProgress: (line: string) => void) => {
      const value = await run(showProgress);
      const succeeded = !('code' in value);
      return { value, succeeded, summary: succeeded ? 'ready for rotation' : value.code };
    },
  };
  const [outcome] = await runTaskList([task], taskListOptions({ ...options, concurrency: 1 }, ports));
  if (outcome === undefined) {
    throw new TypeError('the task list lost the outcome');
  }
  return outcome;
}

import { DEFAULT_STRATEGY, definitionOf, STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { CommandPorts, RunCommand } from '../command-ports.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import type { ClusterOptions } from '../terminal/options.ts';
import {
  checkAdminSecret,
  connectAwsFor,
  endpointOptions,
  managerPorts,
  readClusterConnection,
} from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { jsonText, printable } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import type { InitOptions } from './init-definition.ts';
import { initSecret } from './init-secret.ts';
import { exitCodeOf, initJson, initText } from './render.ts';

/** Rotates the secret of a command with the same options. */
export type RotateNow = (secretId: string, options: ClusterOptions, ports: CommandPorts) => Promise<ExitCode>;

/** @param rotateNow the rotation that `init` offers at its end */
export function createInit(rotateNow: RotateNow): RunCommand<InitOptions> {
  return async ([secretId = ''], options, ports) => await init(secretId, options, ports, rotateNow);
}

async function init(
  secretId: string,
  options: InitOptions,
  ports: CommandPorts,
  rotateNow: RotateNow,
): Promise<ExitCode> {
  const { adminSecret, json } = options;
  checkUserOptions(options);
  const { transport, ...connection } = readClusterConnection(options, ports);
  checkAdminSecret(adminSecret, secretId, { transport });
  const endpoints = endpointOptions(options);
  const request = { ...options, secretId, endpoint: endpoints.configured, roles: options.role ?? [] };
  const report = await initSecret(request, {
    ...ports,
    aws: connectAwsFor(secretId, options, ports),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
    endpoints,
    // `status` and `doctor` compare the secret with others.
    findSameUser: async () => ({ others: [], notes: [] }),
    usernames: options.users,
    manager: options.managerSecret === undefined ? undefined : managerPorts(options, ports),
    cluster: ports.connectCluster({ transport, ...connection }),
    adminCluster: ports.connectAdminCluster(connection),
    askForConsent: planPrompt(secretId, options, ports),
    showNotice: (line) => void ports.err.write(`${printable(line)}\n`),
    runShown: async ({ done, ...work }) =>
      await runTask(
        {
          ...work,
          title: secretId,
          succeeded: (result) => !('code' in result),
          summarize: (result) => ('code' in result ? result.code : done),
        },
        options,
        ports,
      ),
  });
  if (json) {
    ports.out.write(jsonText(initJson(report)));
  } else {
    writeText(ports.out, initText(report));
  }
  const code = exitCodeOf(report.outcome);
  const mayRotate = !('code' in report.outcome) && report.entry?.isDeployed === true;
  return mayRotate && !json && !options.yes && (await ports.ask?.('Rotate now?')) === 'yes'
    ? await rotateNow(secretId, options, ports)
    : code;
}

function checkUserOptions({ apiKeyId, strategy = DEFAULT_STRATEGY, ...options }: InitOptions): void {
  const { username, users, role, adminSecret } = options;
  if (strategy === 'api-key') {
    if (username !== undefined || users !== undefined || adminSecret !== undefined) {
      throw new UsageError('An API key has no user and no admin.', 'Leave out --username, --users and --admin-secret.');
    }
    return;
  }
  if (apiKeyId !== undefined && strategy !== DEFAULT_STRATEGY) {
    throw new UsageError('--api-key-id needs --strategy api-key.', 'Give --strategy api-key.');
  }
  if (STRATEGIES[strategy].fromPins({ username, usernames: users }) === undefined) {
    const { name } = definitionOf({ usernames: users });
    throw users === undefined
      ? new UsageError(`--strategy ${strategy} needs --users.`, 'Give --users A,B.')
      : new UsageError(
          `--users needs --strategy ${name}.`,
          `Give --strategy ${name}. For a single user, give --username USER.`,
        );
  }
  if (role !== undefined && adminSecret === undefined) {
    throw new UsageError('--role needs --admin-secret.', 'Name the secret of an admin, who grants roles.');
  }
}

import type { CommandPorts, RunCommand } from '../command-ports.ts';
import { createSameUserFinder } from '../examine/same-user/find-same-user.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import type { ClusterOptions } from '../terminal/options.ts';
import { checkAdminSecret, connectAwsFor, endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { runTask, runWithTitle } from '../terminal/run-task.ts';
import { jsonText } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { discover } from './discover/discover.ts';
import type { InitOptions } from './init-definition.ts';
import { type InitPorts, initSecret } from './init-secret.ts';
import { exitCodeOf, initJson, initText } from './render.ts';

/** Rotates the secret of a command with the same options. */
export type RotateNow = (secretId: string, options: ClusterOptions, ports: CommandPorts) => Promise<ExitCode>;

/** @param rotateNow the rotation that `init` offers at its end */
export function createInit(rotateNow: RotateNow): RunCommand<InitOptions> {
  return async ([secretId], options, ports) => {
    if (options.discover) {
      if (secretId !== undefined) {
        throw new UsageError('--discover searches all secrets.', 'Leave out the name of a secret.');
      }
      return await discover(options, ports);
    }
    if (secretId === undefined) {
      throw new UsageError('No secret was named.', 'Name a secret, or find secrets with --discover.');
    }
    if (options.prefix !== undefined) {
      throw new UsageError('--prefix is for --discover.', 'Leave out --prefix.');
    }
    return await init(secretId, options, ports, rotateNow);
  };
}

async function init(
  secretId: string,
  options: InitOptions,
  ports: CommandPorts,
  rotateNow: RotateNow,
): Promise<ExitCode> {
  const { strategy, username, users: usernames, adminSecret, kmsKey: kmsKeyArn, role: roles = [], json } = options;
  checkUsers(options);
  const { transport, ...connection } = readClusterConnection(options, ports);
  checkAdminSecret(adminSecret, secretId, { transport });
  const endpoints = endpointOptions(options);
  const { configured: endpoint } = endpoints;
  const request = { secretId, strategy, username, usernames, endpoint, adminSecret, kmsKeyArn, roles };
  const report = await initSecret(request, {
    ...ports,
    aws: connectAwsFor(secretId, options, ports),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
    endpoints,
    findSameUser: createSameUserFinder({ endpoints, interrupted: ports.interrupted }),
    usernames,
    cluster: ports.connectCluster({ transport, ...connection }),
    adminCluster: ports.connectAdminCluster(connection),
    configuration: readConfiguration(options, ports),
    askForConsent: planPrompt(secretId, options, ports),
    whileReading: async (run) =>
      await runWithTitle(
        {
          title: secretId,
          doing: 'reading the secret, and logging in with its stored passwords',
          summarize: (read) => ('code' in read ? read.code : 'read'),
        },
        run,
        options,
        ports,
      ),
    whileShowing: async (change) => {
      const run = async (showProgress: (line: string) => void) => {
        const value = await change(showProgress);
        const succeeded = !('code' in value);
        return { value, succeeded, summary: succeeded ? 'ready for rotation' : value.code };
      };
      return await runTask({ title: secretId, run }, options, ports);
    },
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

function checkUsers({ strategy, username, users, role, adminSecret }: InitOptions): void {
  if (strategy === 'alternating-users' && (users === undefined || username !== undefined)) {
    throw new UsageError(
      '--strategy alternating-users is for two users.',
      'Give --users A,B, and leave out --username.',
    );
  }
  if (strategy === 'single-user' && users !== undefined) {
    throw new UsageError(
      '--users needs --strategy alternating-users.',
      'Give --strategy alternating-users. For a single user, give --username USER.',
    );
  }
  if (role !== undefined && adminSecret === undefined) {
    throw new UsageError('--role needs --admin-secret.', 'Name the secret of an admin, who grants roles.');
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
    throw new UsageError(
      `--config ${path} cannot be read (${typeof code === 'string' ? code : 'unknown reason'}).`,
      'Correct the path or its permissions.',
    );
  }
}

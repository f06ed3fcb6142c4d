import type { Command } from 'commander';
import type { CommandPorts } from '../command-ports.ts';
import type { ExitCode } from '../exit-code.ts';
import { checkAdminSecret, parseRole } from '../terminal/admin-options.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import {
  addSharedOptions,
  clusterConnection,
  connectAwsFor,
  endpointOptions,
  type SharedOptions,
  UsageError,
} from '../terminal/options.ts';
import { exitCodeOf } from './outcome.ts';
import { repairJson, repairText } from './render.ts';
import { repairSecret } from './repair-secret.ts';

interface Options extends SharedOptions {
  readonly yes?: boolean;
  readonly adminSecret?: string;
  readonly recreateUser?: boolean;
  readonly role?: readonly string[];
}

/** Adds `repair SECRET` to the program. */
export function addRepairCommand(program: Command, ports: CommandPorts, exitWith: (code: ExitCode) => void): void {
  const command = program
    .command('repair')
    .summary('move AWSCURRENT to the password in force and remove a stuck AWSPENDING')
    .description(
      'Finds the stored version that the cluster accepts and moves AWSCURRENT to it. Removes AWSPENDING from a version that is not in force, so that a rotation can start. Removes old sent labels if the next rotation has no room for its label. Works with rotation on or off. Shows the plan and asks before it changes anything. If no stored password is in force, an admin credential can set a new one.',
    )
    .argument('<secret>', 'name or ARN of the secret');
  addSharedOptions(command)
    .optionsGroup('Repair:')
    .option('--yes', 'run the plan without a question')
    .option(
      '--admin-secret <secret>',
      "secret with an admin's JSON {endpoint, username, password} or {endpoint, apiKey}, used if no stored password is in force, and for --role",
    )
    .option(
      '--recreate-user',
      'allow the admin to drop and recreate the user, if the cluster requires the old password',
    )
    .option('--role <role>', 'a role that an interrupted repair did not grant; repeatable', parseRole)
    .action(async (secretId: string, options: Options) => {
      exitWith(await repair(secretId, options, ports));
    });
}

async function repair(secretId: string, options: Options, ports: CommandPorts): Promise<ExitCode> {
  const { adminSecret, recreateUser = false, role: roles = [], json } = options;
  if (adminSecret === undefined && (recreateUser || roles.length > 0)) {
    throw new UsageError('--recreate-user and --role need --admin-secret. Name the secret of an admin.');
  }
  if (roles.length > 0 && !recreateUser) {
    throw new UsageError('--role needs --recreate-user. A user that is not recreated keeps its roles.');
  }
  const { transport, ...connection } = clusterConnection(options, ports);
  checkAdminSecret(adminSecret, secretId, { transport });
  const report = await repairSecret(
    secretId,
    { adminSecret, recreateUser, roles },
    {
      ...ports,
      aws: connectAwsFor(secretId, options, ports),
      adminStore: (id) => connectAwsFor(id, options, ports).store(id),
      endpoints: endpointOptions(options),
      usernames: options.users,
      cluster: ports.connectCluster({ transport, ...connection }),
      adminCluster: ports.connectAdminCluster(connection),
      askForConsent: planPrompt(secretId, options, ports),
    },
  );
  ports.out.write(json ? `${JSON.stringify(repairJson(report), undefined, 2)}\n` : repairText(report));
  return exitCodeOf(report.outcome);
}

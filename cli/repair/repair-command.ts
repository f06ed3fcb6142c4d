import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import { type Operator, UsageError } from '../terminal/operator.ts';
import { endpointOptions, privateCa, regionFor, type SharedOptions, withSharedOptions } from '../terminal/options.ts';
import { exitCodeOf } from './outcome.ts';
import { planText, repairJson, repairText } from './render.ts';
import { repairSecret } from './repair-secret.ts';

interface Options extends SharedOptions {
  readonly yes?: boolean;
  readonly adminSecret?: string;
  readonly recreateUser?: boolean;
  readonly role?: readonly string[];
}

/** Adds `repair SECRET` to the program. */
export function addRepairCommand(program: Command, operator: Operator, exitWith: (code: ExitCode) => void): void {
  const command = program
    .command('repair')
    .summary('put AWSCURRENT on the password in force, and clear the way for a rotation')
    .description(
      'Finds the stored version that the cluster accepts, moves AWSCURRENT to it, and takes a stuck AWSPENDING away; works with rotation off. Shows the plan and asks first. Where no stored password is in force, an admin credential can set a new one.',
    )
    .argument('<secret>', 'name or ARN of the secret');
  withSharedOptions(command)
    .optionsGroup('Repair:')
    .option('--yes', 'carry the plan out without asking')
    .option('--admin-secret <secret>', "secret with an admin's credential or an API key, for when none is in force")
    .option(
      '--recreate-user',
      'let the admin drop the user and make it anew, if the cluster insists on the old password',
    )
    .option(
      '--role <role>',
      'a role for a user that an interrupted repair has dropped already; repeatable',
      (role: string, roles: readonly string[] | undefined) => [...(roles ?? []), role],
    )
    .action(async (secretId: string, options: Options) => {
      exitWith(await repair(secretId, options, operator));
    });
}

async function repair(secretId: string, options: Options, operator: Operator): Promise<ExitCode> {
  const { adminSecret } = options;
  if (adminSecret === undefined && (options.recreateUser || options.role)) {
    throw new UsageError('--recreate-user and --role need --admin-secret, whose credential they act with.');
  }
  if (options.role && !options.recreateUser) {
    throw new UsageError('--role goes with --recreate-user: a user that is not made anew keeps its roles.');
  }
  if (adminSecret === secretId) {
    throw new UsageError('--admin-secret is the secret that is to be repaired. Name the secret of an admin.');
  }
  const ca = { privateCa: privateCa(operator, options) };
  const connect = (id: string) => operator.connectAws({ region: regionFor(id, options), profile: options.profile });
  const report = await repairSecret(
    secretId,
    {
      ...endpointOptions(options),
      adminSecret,
      recreateUser: options.recreateUser === true,
      roles: options.role ?? [],
    },
    {
      ...operator,
      aws: connect(secretId),
      adminStore: (id) => connect(id).store(id),
      cluster: operator.connectCluster(ca),
      adminCluster: operator.connectAdminCluster(ca),
      consent: async (plan) => {
        if (!options.json) {
          operator.out.write(planText(secretId, plan));
        }
        if (options.yes) {
          return 'yes';
        }
        return operator.ask === undefined || options.json ? 'unasked' : await operator.ask('Carry this out?');
      },
    },
  );
  operator.out.write(options.json ? `${JSON.stringify(repairJson(report), undefined, 2)}\n` : repairText(report));
  return exitCodeOf(report.outcome);
}

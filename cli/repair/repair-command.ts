import type { CommandPorts } from '../command-ports.ts';
import type { ExaminationResult } from '../examine/examine-secret.ts';
import { createSameUserFinder } from '../examine/find-same-user.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
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
import { exitCodeOf, repairJson, repairText } from './render.ts';
import type { RepairCommandOptions } from './repair-definition.ts';
import { type RepairPorts, repairSecret } from './repair-secret.ts';

/** Runs `repair SECRET`. */
export async function repair(
  [secretId = '']: readonly string[],
  options: RepairCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  checkOptions(options);
  const report = await repairSecret(secretId, options, repairPorts(secretId, options, ports));
  if (options.json) {
    ports.out.write(jsonText(repairJson(report)));
  } else {
    writeText(ports.out, repairText(report));
  }
  return exitCodeOf(report.outcome);
}

function summaryOf(result: ExaminationResult): string {
  return result.kind === 'examined' ? `examined: ${SUMMARIES[result.search.kind]}` : result.code;
}

const SUMMARIES = {
  found: 'the cluster accepts a stored credential',
  none: 'the cluster accepts no stored credential',
  undecided: 'not known which credential the cluster accepts',
  'not-enforced': 'authorization is off',
  unusable: 'AWSCURRENT is not usable',
} as const;

function checkOptions({
  like,
  manager,
  adminSecret,
  recreateUser = false,
  role: roles = [],
}: RepairCommandOptions): void {
  if (adminSecret === undefined && (recreateUser || roles.length > 0)) {
    throw new UsageError('--recreate-user and --role need --admin-secret.', 'Name the secret of an admin.');
  }
  if (like !== undefined && manager !== true) {
    throw new UsageError('--like needs --manager.', 'Give --manager, which reads the manager secret of the function.');
  }
  if (roles.length > 0 && !recreateUser) {
    throw new UsageError(
      '--role needs --recreate-user. A user that is not recreated keeps its roles.',
      'Leave out --role, or give --recreate-user.',
    );
  }
}

function repairPorts(secretId: string, options: RepairCommandOptions, ports: CommandPorts): RepairPorts {
  const { transport, ...connection } = readClusterConnection(options, ports);
  checkAdminSecret(options.adminSecret, secretId, { transport });
  const endpoints = endpointOptions(options);
  const showNotice = (line: string): void => void ports.err.write(`${printable(`› ${secretId}: ${line}`)}\n`);
  return {
    ...ports,
    endpoints,
    findSameUser: createSameUserFinder(endpoints, ports.interrupted),
    usernames: options.users,
    manager: options.manager ? managerPorts(options, ports) : undefined,
    cluster: ports.connectCluster({ transport, ...connection }),
    adminCluster: ports.connectAdminCluster(connection),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
    aws: connectAwsFor(secretId, options, ports),
    askForConsent: planPrompt(secretId, options, ports),
    showNotice,
    // A spinner could hide a notice until its next frame, so the steps are plain lines.
    showProgress: options.quiet ? () => undefined : showNotice,
    whileExamining: async (run) =>
      await runTask(
        {
          title: secretId,
          doing: 'reading the secret, and logging in with its stored credentials',
          summarize: summaryOf,
          succeeded: (result) => result.kind === 'examined' && result.search.kind === 'found',
          run,
        },
        options,
        ports,
      ),
  };
}

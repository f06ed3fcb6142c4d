import type { CommandPorts } from '../command-ports.ts';
import type { ExaminationResult } from '../examine/examine-secret.ts';
import { createSameUserFinder } from '../examine/find-same-user.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { mostSerious } from '../outcome/exit-code.ts';
import { explainFault } from '../outcome/explain-fault.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import {
  checkAdminSecret,
  connectAwsFor,
  endpointOptions,
  readClusterConnection,
  requireUsersOfOneSecret,
} from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { jsonText, printable } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { exitCodeOf, repairJson, repairText } from './render.ts';
import type { RepairCommandOptions } from './repair-definition.ts';
import { type RepairReport, repairSecret } from './repair-secret.ts';

/** Runs `repair SECRET…`: one secret after the other, because each plan is asked for. */
export async function repair(
  given: readonly string[],
  options: RepairCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const secretIds = [...new Set(given)];
  checkOptions(secretIds, options);
  const repairOne = createRepair(options, ports);
  const reports: RepairReport[] = [];
  for (const secretId of secretIds) {
    // One secret never hides another.
    const report = await repairOne(secretId).catch((error: unknown): RepairReport => faultReport(secretId, error));
    reports.push(report);
    if (!options.json) {
      writeText(ports.out, repairText(report));
    }
  }
  const exitCode = mostSerious(reports.map(({ outcome }) => exitCodeOf(outcome)));
  if (options.json) {
    const documents = reports.map(repairJson);
    const [only] = documents;
    const secrets = { command: 'repair', exitCode, secrets: documents };
    ports.out.write(jsonText(documents.length === 1 ? { command: 'repair', ...only } : secrets));
  }
  return exitCode;
}

function summaryOf(result: ExaminationResult): string {
  return result.kind === 'examined' ? `examined: ${SUMMARIES[result.search.kind]}` : result.code;
}

const SUMMARIES = {
  found: 'the cluster accepts a stored password',
  none: 'the cluster accepts no stored password',
  undecided: 'not known which password the cluster accepts',
  'not-enforced': 'authorization is off',
  unusable: 'AWSCURRENT is not usable',
} as const;

function faultReport(secretId: string, error: unknown): RepairReport {
  if (error instanceof UsageError) {
    throw error;
  }
  const outcome = { kind: 'unexpected', ...explainFault(error, secretId) } as const;
  return { secretId, found: undefined, examination: undefined, plan: [], outcome };
}

function checkOptions(secretIds: readonly string[], options: RepairCommandOptions): void {
  const { adminSecret, recreateUser = false, restorePrevious = false, version, role: roles = [] } = options;
  requireUsersOfOneSecret(secretIds, options);
  if (version !== undefined && secretIds.length > 1) {
    throw new UsageError('--version names a version of one secret.', 'Name one secret.');
  }
  if (version !== undefined && restorePrevious) {
    throw new UsageError('--version and --restore-previous each choose a version.', 'Give one of them.');
  }
  if (adminSecret === undefined && (recreateUser || roles.length > 0)) {
    throw new UsageError('--recreate-user and --role need --admin-secret.', 'Name the secret of an admin.');
  }
  if ((restorePrevious || version !== undefined) && adminSecret !== undefined) {
    throw new UsageError(
      '--restore-previous and --version change no password, so they need no --admin-secret.',
      'Give one of them.',
    );
  }
  if (roles.length > 0 && !recreateUser) {
    throw new UsageError(
      '--role needs --recreate-user. A user that is not recreated keeps its roles.',
      'Leave out --role, or give --recreate-user.',
    );
  }
}

function createRepair(options: RepairCommandOptions, ports: CommandPorts): (secretId: string) => Promise<RepairReport> {
  const { transport, ...connection } = readClusterConnection(options, ports);
  const endpoints = endpointOptions(options);
  const shared = {
    ...ports,
    endpoints,
    findSameUser: createSameUserFinder(endpoints, ports.interrupted),
    usernames: options.users,
    cluster: ports.connectCluster({ transport, ...connection }),
    adminCluster: ports.connectAdminCluster(connection),
    adminStore: (id: string) => connectAwsFor(id, options, ports).store(id),
  };
  return async (secretId) => {
    checkAdminSecret(options.adminSecret, secretId, { transport });
    const showNotice = (line: string): void => void ports.err.write(`${printable(`› ${secretId}: ${line}`)}\n`);
    return await repairSecret(secretId, options, {
      ...shared,
      aws: connectAwsFor(secretId, options, ports),
      askForConsent: planPrompt(secretId, options, ports),
      showNotice,
      // A spinner could hide a notice until its next frame, so the steps are plain lines.
      showProgress: options.quiet ? () => undefined : showNotice,
      whileExamining: async (run) =>
        await runTask(
          {
            title: secretId,
            doing: 'reading the secret, and logging in with its stored passwords',
            summarize: summaryOf,
            succeeded: (result) => result.kind === 'examined' && result.search.kind === 'found',
            run,
          },
          options,
          ports,
        ),
    });
  };
}

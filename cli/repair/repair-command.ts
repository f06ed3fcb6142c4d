import type { CommandPorts } from '../command-ports.ts';
import { createSameUserFinder } from '../examine/same-user/find-same-user.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { checkAdminSecret, connectAwsFor, endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { runWithTitle } from '../terminal/run-task.ts';
import { jsonText, printable } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { exitCodeOf } from './outcome.ts';
import { repairJson, repairText } from './render.ts';
import type { RepairCommandOptions } from './repair-definition.ts';
import { repairSecret } from './repair-secret.ts';

/** Runs `repair SECRET`. */
export async function repair(
  [secretId = '']: readonly string[],
  options: RepairCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const { adminSecret, recreateUser = false, restorePrevious = false, role: roles = [], json } = options;
  if (adminSecret === undefined && (recreateUser || roles.length > 0)) {
    throw new UsageError('--recreate-user and --role need --admin-secret.', 'Name the secret of an admin.');
  }
  if (restorePrevious && adminSecret !== undefined) {
    throw new UsageError('--restore-previous changes no password, so it needs no --admin-secret.', 'Give one of them.');
  }
  if (roles.length > 0 && !recreateUser) {
    throw new UsageError(
      '--role needs --recreate-user. A user that is not recreated keeps its roles.',
      'Leave out --role, or give --recreate-user.',
    );
  }
  const { transport, ...connection } = readClusterConnection(options, ports);
  checkAdminSecret(adminSecret, secretId, { transport });
  const endpoints = endpointOptions(options);
  const showNotice = (line: string): void => void ports.err.write(`${printable(`› ${secretId}: ${line}`)}\n`);
  const report = await repairSecret(
    secretId,
    { adminSecret, recreateUser, roles, restorePrevious },
    {
      ...ports,
      aws: connectAwsFor(secretId, options, ports),
      adminStore: (id) => connectAwsFor(id, options, ports).store(id),
      endpoints,
      findSameUser: createSameUserFinder({ endpoints, interrupted: ports.interrupted }),
      usernames: options.users,
      cluster: ports.connectCluster({ transport, ...connection }),
      adminCluster: ports.connectAdminCluster(connection),
      askForConsent: planPrompt(secretId, options, ports),
      showNotice,
      // A spinner could hide a notice until its next frame, so the steps are plain lines.
      showProgress: options.quiet ? () => undefined : showNotice,
      whileExamining: async (run) =>
        await runWithTitle(
          {
            title: secretId,
            doing: 'reading the secret, and logging in with its stored passwords',
            summarize: ({ kind }) => kind,
          },
          run,
          options,
          ports,
        ),
    },
  );
  if (json) {
    ports.out.write(jsonText(repairJson(report)));
  } else {
    writeText(ports.out, repairText(report));
  }
  return exitCodeOf(report.outcome);
}

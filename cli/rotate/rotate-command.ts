import { mapConcurrently, READS_AT_A_TIME } from '../aws/map-concurrently.ts';
import type { CommandPorts } from '../command-ports.ts';
import { type ExitCode, mostSerious } from '../outcome/exit-code.ts';
import { refusalOfFault } from '../outcome/explain-fault.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { hasCondition } from '../select/conditions.ts';
import type { ClusterOptions } from '../terminal/options.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTasks, type Task } from '../terminal/run-task.ts';
import { jsonText } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { checkSecret } from './check-secret.ts';
import { findCommonUsers } from './common-users.ts';
import { rotateSelection } from './fleet/rotate-selection.ts';
import { reportJson, reportText, stepLine, summaryLine, totalText } from './render.ts';
import { exitCodeOf, type RotateReport, reportOfNoRotation, type StepRun } from './report.ts';
import { ROTATE_DEFAULTS, type RotateCommandOptions } from './rotate-definition.ts';
import { createRotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/** Rotates one secret as `rotate SECRET` does without other options. */
export async function rotateNow(secretId: string, shared: ClusterOptions, ports: CommandPorts): Promise<ExitCode> {
  return await rotate([secretId], { ...ROTATE_DEFAULTS, ...shared, bothUsers: false, yes: false }, ports);
}

/** Runs `rotate SECRET…`. */
export async function rotate(
  given: readonly string[],
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const secretIds = [...new Set(given)];
  if (options.users !== undefined && secretIds.length !== 1) {
    throw new UsageError('--users names the users of one secret.', 'Name one secret.');
  }
  if (isSelection(given, options)) {
    return await rotateSelection(given, options, ports);
  }
  if (options.yes) {
    throw new UsageError(
      '--yes is for --both-users and for conditions. Named secrets rotate without a question.',
      'Leave out --yes.',
    );
  }
  const reports = await rotateEach(secretIds, options, ports);
  const code = mostSerious(reports.map(({ outcome }) => exitCodeOf(outcome)));
  if (options.json) {
    const document = { command: 'rotate', exitCode: code, secrets: reports.map(reportJson) };
    ports.out.write(jsonText(document));
  } else {
    const total = secretIds.length > 1 ? `\n${totalText(reports)}` : '';
    writeText(ports.out, `${reports.map(reportText).join('\n')}${total}`);
  }
  return code;
}

/** Whether to show a plan and ask. A person who gave names alone has chosen the secrets. */
function isSelection(given: readonly string[], options: RotateCommandOptions): boolean {
  const { file, regions, profiles, accounts, role, dryRun, bothUsers } = options;
  const searches = [file, regions, profiles, accounts, role].some((option) => option !== undefined);
  const isNamed = given.length > 0 && !searches && !hasCondition(options, given);
  return !isNamed || bothUsers === true || dryRun === true;
}

async function rotateEach(secretIds: readonly string[], options: RotateCommandOptions, ports: CommandPorts) {
  const portsOf = createRotatePorts(options, ports);
  const named = secretIds.map((secretId) => ({
    secretId,
    aws: connectAwsFor(secretId, options, ports),
  }));
  const checked =
    named.length > 1
      ? await mapConcurrently(
          named,
          READS_AT_A_TIME,
          async (each) => await checkSecret(each.secretId, portsOf(each.aws)).catch(refusalOfFault(each.secretId)),
        )
      : [];
  const commonUsers = findCommonUsers(checked);
  const tasks = named.map(({ secretId, aws }): Task<RotateReport> => {
    const refusal = commonUsers.get(secretId);
    return {
      title: secretId,
      run: async (showProgress) => {
        const progress = { show: showProgress, step: (run: StepRun) => showProgress(stepLine(run)) };
        return refusal === undefined
          ? await rotateSecret(secretId, options, portsOf(aws), progress)
          : reportOfNoRotation(secretId, refusal);
      },
      succeeded: ({ outcome }) => outcome.kind === 'rotated',
      summarize: summaryLine,
    };
  });
  return await runTasks(tasks, options, ports);
}

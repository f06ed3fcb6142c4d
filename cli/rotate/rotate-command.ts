import type { CommandPorts } from '../command-ports.ts';
import { type ExitCode, mostSerious } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { hasCondition } from '../select/conditions.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import type { ClusterOptions } from '../terminal/options.ts';
import { connectAwsFor, requireUsersOfOneSecret, taskListOptions } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { runTaskList, type Task } from '../terminal/task-list.ts';
import { jsonText } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { askForBothUsers } from './both-users/ask-for-both-users.ts';
import { rotateBothUsers } from './both-users/rotate-both-users.ts';
import { rotateMany } from './bulk/rotate-many.ts';
import { progressLine, reportJson, reportText, summaryLine, totalText } from './render.ts';
import { exitCodeOf, type RotateReport, reportOfNoRotation } from './report.ts';
import { ROTATE_DEFAULTS, type RotateCommandOptions } from './rotate-definition.ts';
import { rotateSecret } from './rotate-secret.ts';
import { createRotationPorts } from './rotation-ports.ts';

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
  requireUsersOfOneSecret(secretIds, options);
  if (isBulk(given, options)) {
    if (options.bothUsers || options.users !== undefined) {
      throw new UsageError('--both-users and --users are for one named secret.', 'Name one secret.');
    }
    return await rotateMany(given, options, ports);
  }
  if (options.yes && !options.bothUsers) {
    throw new UsageError(
      '--yes is for --both-users and for conditions. Named secrets rotate without a question.',
      'Leave out --yes.',
    );
  }
  const reports = options.bothUsers
    ? await rotateBoth(secretIds, options, ports)
    : await rotateEach(secretIds, options, ports);
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
function isBulk(given: readonly string[], options: RotateCommandOptions): boolean {
  const { file, resume, dryRun, journal } = options;
  return (
    [file, resume, dryRun, journal].some((value) => value !== undefined) ||
    given.length === 0 ||
    hasCondition(options, given)
  );
}

async function rotateEach(secretIds: readonly string[], options: RotateCommandOptions, ports: CommandPorts) {
  const named = secretIds.map((secretId) => ({ secretId, aws: connectAwsFor(secretId, options, ports) }));
  const portsOf = createRotationPorts(options, ports, { named });
  const tasks = named.map(({ secretId, aws }): Task<RotateReport> => {
    const own = portsOf(aws);
    return {
      title: secretId,
      run: async (showProgress) => {
        const report = await rotateSecret(secretId, options, own, (progress) => showProgress(progressLine(progress)));
        return { value: report, succeeded: report.outcome.kind === 'rotated', summary: summaryLine(report) };
      },
    };
  });
  return await runTaskList(tasks, taskListOptions(options, ports));
}

async function rotateBoth(
  secretIds: readonly string[],
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<readonly RotateReport[]> {
  const [secretId = '', ...more] = secretIds;
  if (more.length > 0) {
    throw new UsageError('--both-users rotates one secret.', 'Name one secret.');
  }
  const aws = connectAwsFor(secretId, options, ports);
  const own = createRotationPorts(options, ports, { named: [{ secretId, aws }] })(aws);
  const order = await askForBothUsers(secretId, { ...own, askForConsent: planPrompt(secretId, options, ports) });
  if (order.kind !== 'agreed') {
    return [reportOfNoRotation(secretId, order)];
  }
  const run: Task<readonly RotateReport[]>['run'] = async (showProgress) => {
    const value = await rotateBothUsers({ secretId, last: order.last }, options, own, (progress) =>
      showProgress(progressLine(progress)),
    );
    const succeeded = value.every(({ outcome }) => outcome.kind === 'rotated');
    return { value, succeeded, summary: value.map(summaryLine).join(', then ') };
  };
  return await runTask({ title: secretId, run }, options, ports);
}

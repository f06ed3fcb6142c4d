import { createRateLimit, limitReads } from '../aws/rate-limit.ts';
import type { CommandPorts } from '../command-ports.ts';
import { createSameUserFinder } from '../examine/find-same-user.ts';
import { type ExitCode, mostSerious } from '../exit-code.ts';
import type { SharedOptions } from '../terminal/options.ts';
import {
  clusterConnection,
  connectAwsFor,
  endpointOptions,
  requireUsersOfOneSecret,
  taskListOptions,
} from '../terminal/read-options.ts';
import { runTaskList, type Task } from '../terminal/task-list.ts';
import { jsonText } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { UsageError } from '../usage-error.ts';
import { askForBothUsers } from './ask-for-both-users.ts';
import { consequencesText, progressLine, reportJson, reportText, summaryLine, totalText } from './render.ts';
import { exitCodeOf, type RotateReport, reportOfNoRotation } from './report.ts';
import { rotateBothUsers } from './rotate-both-users.ts';
import { ROTATE_DEFAULTS, type RotateCommandOptions } from './rotate-definition.ts';
import { type RotateOptions, rotateSecret } from './rotate-secret.ts';

/**
 * An account may make 50 PutSecretValue and UpdateSecretVersionStage calls a second, and a
 * rotation makes two. This rate leaves room for scheduled rotations at the same time.
 */
const STARTS_PER_SECOND = 10;

/** The lowest quota of FilterLogEvents in any region is 5 a second. */
const LOG_READS_PER_SECOND = 4;

/** Rotates one secret as `rotate SECRET` does without other options. */
export async function rotateNow(secretId: string, shared: SharedOptions, ports: CommandPorts): Promise<ExitCode> {
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
  if (options.yes && !options.bothUsers) {
    throw new UsageError('--yes is for --both-users. Every other rotation starts without a question.');
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

async function rotateEach(secretIds: readonly string[], options: RotateCommandOptions, ports: CommandPorts) {
  const portsOf = rotationPorts(secretIds, options, ports);
  const tasks = secretIds.map((secretId): Task<RotateReport> => {
    const own = portsOf(secretId);
    return {
      title: secretId,
      run: async (showProgress) => {
        const report = await rotateSecret(secretId, rotateOptions(options), own, (progress) =>
          showProgress(progressLine(progress)),
        );
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
    throw new UsageError('--both-users rotates one secret. Name one secret.');
  }
  const own = rotationPorts([secretId], options, ports)(secretId);
  const askForConsent = async (consequences: readonly string[]): Promise<'yes' | 'no' | 'unasked'> => {
    if (!options.json) {
      writeText(ports.out, consequencesText(secretId, consequences));
    }
    if (options.yes) {
      return 'yes';
    }
    return ports.ask === undefined || options.json ? 'unasked' : await ports.ask('Rotate both users now?');
  };
  const order = await askForBothUsers(secretId, { ...own, askForConsent });
  if (order.kind !== 'agreed') {
    return [reportOfNoRotation(secretId, order)];
  }
  const task: Task<readonly RotateReport[]> = {
    title: secretId,
    run: async (showProgress) => {
      const value = await rotateBothUsers({ secretId, last: order.last }, rotateOptions(options), own, (progress) =>
        showProgress(progressLine(progress)),
      );
      const succeeded = value.every(({ outcome }) => outcome.kind === 'rotated');
      return { value, succeeded, summary: value.map(summaryLine).join(', then ') };
    },
  };
  return (await runTaskList([task], taskListOptions(options, ports))).flat();
}

function rotateOptions({ timeout, retryWait }: RotateCommandOptions): RotateOptions {
  return { timeoutMs: timeout, retryWaitMs: retryWait };
}

/** The ports of one secret. All secrets share the cluster and the rates. */
function rotationPorts(secretIds: readonly string[], options: RotateCommandOptions, ports: CommandPorts) {
  const { clock, interrupted } = ports;
  const cluster = ports.connectCluster(clusterConnection(options, ports));
  const waitForStart = createRateLimit(clock, STARTS_PER_SECOND, interrupted);
  const waitForLogRead = createRateLimit(clock, LOG_READS_PER_SECOND, interrupted);
  const endpoints = endpointOptions(options);
  const connections = new Map(secretIds.map((secretId) => [secretId, connectAwsFor(secretId, options, ports)]));
  const named = [...connections].map(([secretId, aws]) => ({ secretId, aws }));
  const findSameUser = createSameUserFinder({ endpoints, interrupted, named });
  return (secretId: string) => {
    const connected = connections.get(secretId) ?? connectAwsFor(secretId, options, ports);
    const aws = {
      ...connected,
      functionLog: (functionArn: string) => limitReads(connected.functionLog(functionArn), waitForLogRead),
    };
    return {
      ...ports,
      aws,
      cluster,
      waitForStart,
      newToken: ports.randomId,
      endpoints,
      findSameUser,
      usernames: options.users,
    };
  };
}

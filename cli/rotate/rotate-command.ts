import { type Command, Option } from 'commander';
import type { CommandPorts } from '../command-ports.ts';
import { type ExitCode, mostSerious } from '../exit-code.ts';
import {
  addSharedOptions,
  clusterConnection,
  connectAwsFor,
  endpointOptions,
  parseCount,
  parseDurationOption,
  type SharedOptions,
  taskListOptions,
} from '../terminal/options.ts';
import { runTaskList, type Task } from '../terminal/task-list.ts';
import { createRateLimit, limitReads } from './rate-limit.ts';
import { progressLine, reportJson, reportText, summaryLine, totalText } from './render.ts';
import { exitCodeOf, type RotateReport } from './report.ts';
import { rotateSecret } from './rotate-secret.ts';

interface Options extends SharedOptions {
  readonly timeout: number;
  readonly retryWait: number;
  readonly concurrency: number;
}

/**
 * An account may make 50 PutSecretValue and UpdateSecretVersionStage calls a second, and a
 * rotation makes two. This rate leaves room for scheduled rotations at the same time.
 */
const STARTS_PER_SECOND = 10;

/** The lowest quota of FilterLogEvents in any region is 5 a second. */
const LOG_READS_PER_SECOND = 4;

/** Adds `rotate SECRET…` to the program. */
export function addRotateCommand(program: Command, ports: CommandPorts, exitWith: (code: ExitCode) => void): void {
  const command = program
    .command('rotate')
    .summary('rotate now and wait until the new credential logs in')
    .description(
      'Starts a rotation of each secret, follows it to its end, and logs in to the cluster with the new credential. Exits with 0 only if AWSCURRENT has moved to the new version and the cluster accepts it.',
    )
    .argument('<secret...>', 'names or ARNs of secrets');
  addSharedOptions(command)
    .optionsGroup('Waiting:')
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long to follow each rotation; the rotation continues without this command',
      )
        .argParser(parseDurationOption)
        .default(300_000, '5m'),
    )
    .addOption(
      new Option(
        '--retry-wait <duration>',
        'how long to wait for the next attempt after a failure that a retry may repair',
      )
        .argParser(parseDurationOption)
        .default(60_000, '1m'),
    )
    .option('--concurrency <count>', 'how many secrets at a time', parseCount, 10)
    .action(async (secretIds: string[], options: Options) => {
      exitWith(await rotate([...new Set(secretIds)], options, ports));
    });
}

async function rotate(secretIds: readonly string[], options: Options, ports: CommandPorts): Promise<ExitCode> {
  const { clock, interrupted } = ports;
  const cluster = ports.connectCluster(clusterConnection(options, ports));
  const waitForStart = createRateLimit(clock, STARTS_PER_SECOND, interrupted);
  const waitForLogRead = createRateLimit(clock, LOG_READS_PER_SECOND, interrupted);
  const tasks = secretIds.map((secretId): Task<RotateReport> => {
    const connected = connectAwsFor(secretId, options, ports);
    const aws = {
      ...connected,
      functionLog: (functionArn: string) => limitReads(connected.functionLog(functionArn), waitForLogRead),
    };
    return {
      title: secretId,
      run: async (showProgress) => {
        const report = await rotateSecret(
          secretId,
          { timeoutMs: options.timeout, retryWaitMs: options.retryWait },
          {
            ...ports,
            aws,
            cluster,
            waitForStart,
            newToken: ports.randomId,
            endpoints: endpointOptions(options),
            usernames: options.users,
          },
          (progress) => showProgress(progressLine(progress)),
        );
        return { value: report, succeeded: report.outcome.kind === 'rotated', summary: summaryLine(report) };
      },
    };
  });
  const reports = await runTaskList(tasks, taskListOptions(options, ports));

  const code = mostSerious(reports.map(({ outcome }) => exitCodeOf(outcome)));
  if (options.json) {
    const document = { command: 'rotate', exitCode: code, secrets: reports.map(reportJson) };
    ports.out.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    const total = reports.length > 1 ? `\n${totalText(reports)}` : '';
    ports.out.write(`${reports.map(reportText).join('\n')}${total}`);
  }
  return code;
}

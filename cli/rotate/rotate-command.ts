import { type Command, Option } from 'commander';
import type { Aws } from '../aws/aws.ts';
import type { FunctionLog } from '../aws/function-log.ts';
import { type ExitCode, gravest } from '../exit-code.ts';
import { createPace } from '../pace.ts';
import type { Operator } from '../terminal/operator.ts';
import {
  countOption,
  durationOption,
  endpointOptions,
  privateCa,
  regionFor,
  type SharedOptions,
  taskListStyle,
  withSharedOptions,
} from '../terminal/options.ts';
import { runTaskList } from '../terminal/task-list.ts';
import { exitCodeOf, type RotateReport } from './outcome.ts';
import { progressLine, reportJson, reportText, summaryText, taskEnd } from './render.ts';
import { rotateSecret } from './rotate-secret.ts';

interface Options extends SharedOptions {
  readonly timeout: number;
  readonly retryWait: number;
  readonly concurrency: number;
}

/**
 * Secrets Manager takes 50 PutSecretValue and UpdateSecretVersionStage calls a second from a whole account, and a
 * rotation makes two: this leaves room for the schedules that run at the same time.
 */
const STARTS_PER_SECOND = 10;

/** FilterLogEvents: 5 a second in the tightest regions. */
const LOG_READS_PER_SECOND = 4;

/** Adds `rotate SECRET…` to the program. */
export function addRotateCommand(program: Command, operator: Operator, exitWith: (code: ExitCode) => void): void {
  const command = program
    .command('rotate')
    .summary('rotate credentials now, and wait until the new ones log in')
    .description(
      'Starts a rotation of each secret, follows it to its end, and logs in to the cluster with the new credential. Exits with 0 only when AWSCURRENT has moved to the new version and the cluster accepts it.',
    )
    .argument('<secret...>', 'names or ARNs of secrets');
  withSharedOptions(command)
    .optionsGroup('Waiting:')
    .addOption(
      new Option('--timeout <duration>', 'how long to follow each rotation; it goes on without this command')
        .argParser(durationOption)
        .default(300_000, '5m'),
    )
    .addOption(
      new Option('--retry-wait <duration>', 'how long to wait for the next attempt after a failure that it may heal')
        .argParser(durationOption)
        .default(60_000, '1m'),
    )
    .option('--concurrency <count>', 'how many secrets at a time', countOption, 10)
    .action(async (secretIds: string[], options: Options) => {
      exitWith(await rotate([...new Set(secretIds)], options, operator));
    });
}

async function rotate(secretIds: readonly string[], options: Options, operator: Operator): Promise<ExitCode> {
  const { clock, interrupted, randomId } = operator;
  const cluster = operator.connectCluster({ privateCa: privateCa(operator, options) });
  const connections = new Map(secretIds.map((secretId) => [secretId, regionFor(secretId, options)]));
  const turn = createPace(clock, STARTS_PER_SECOND, interrupted);
  const logTurn = createPace(clock, LOG_READS_PER_SECOND, interrupted);
  const reports: RotateReport[] = [];

  await runTaskList(
    secretIds,
    {
      style: taskListStyle(operator, options),
      stream: operator.err,
      concurrency: options.concurrency,
      resultFollows: !options.json,
    },
    async (secretId, say) => {
      const connected = operator.connectAws({ region: connections.get(secretId), profile: options.profile });
      const aws: Aws = {
        ...connected,
        functionLog: (functionArn) => paced(connected.functionLog(functionArn), logTurn),
      };
      const report = await rotateSecret(
        secretId,
        { ...endpointOptions(options), timeoutMs: options.timeout, retryWaitMs: options.retryWait },
        { aws, cluster, clock, interrupted, randomId, turn },
        (progress) => say(progressLine(progress)),
      );
      reports.push(report);
      return taskEnd(report);
    },
  );

  const ordered = secretIds.flatMap((secretId) => reports.filter((report) => report.secretId === secretId));
  const code = gravest(ordered.map(({ outcome }) => exitCodeOf(outcome)));
  if (options.json) {
    const document = { command: 'rotate', exitCode: code, secrets: ordered.map(reportJson) };
    operator.out.write(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    operator.out.write(ordered.map(reportText).join('\n'));
    if (ordered.length > 1) {
      operator.out.write(`\n${summaryText(ordered)}`);
    }
  }
  return code;
}

function paced(log: FunctionLog, turn: () => Promise<void>): FunctionLog {
  return {
    lines: async (versionId, since) => {
      await turn();
      return log.lines(versionId, since);
    },
  };
}

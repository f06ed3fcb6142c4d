import type { Command } from 'commander';
import { type Clash, clashesOf } from '../examine/clashes.ts';
import { type Examination, type Examined, examineSecret } from '../examine/examine-secret.ts';
import { type Finding, findingsOf } from '../examine/findings.ts';
import { ExitCode, gravest } from '../exit-code.ts';
import { type Operator, UsageError } from '../terminal/operator.ts';
import {
  countOption,
  endpointOptions,
  privateCa,
  regionFor,
  type SharedOptions,
  taskListStyle,
  withSharedOptions,
} from '../terminal/options.ts';
import { runTaskList } from '../terminal/task-list.ts';
import { clashText, type StatusEntry, statusJson, statusText } from './render.ts';

interface Options extends SharedOptions {
  readonly rotatedBy?: string;
  readonly concurrency: number;
}

/** Adds `status SECRET…` to the program. */
export function addStatusCommand(program: Command, operator: Operator, exitWith: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .summary('show which stored password is in force, and what needs a hand')
    .description(
      'Shows versions, labels and rotation of each secret, and finds out by logging in which stored version the cluster accepts. Changes nothing. Several secrets at once are also compared: two for the same cluster user break each other.',
    )
    .argument('[secret...]', 'names or ARNs of secrets');
  withSharedOptions(command)
    .optionsGroup('Which secrets:')
    .option('--rotated-by <function>', 'all secrets of the region that this function (name or ARN) rotates')
    .option('--concurrency <count>', 'how many secrets at a time', countOption, 10)
    .action(async (secretIds: string[], options: Options) => {
      exitWith(await status(secretIds, options, operator));
    });
}

async function status(named: readonly string[], options: Options, operator: Operator): Promise<ExitCode> {
  const { clock, interrupted, randomId } = operator;
  const cluster = operator.connectCluster({ privateCa: privateCa(operator, options) });
  const secretIds = [...new Set([...named, ...(await rotatedBy(options, operator))])];
  if (secretIds.length === 0) {
    throw new UsageError('No secret to look at. Name secrets, or give --rotated-by FUNCTION.');
  }
  const connections = new Map(
    secretIds.map((secretId) => [secretId, { region: regionFor(secretId, options), profile: options.profile }]),
  );
  const found: Examined[] = [];
  await runTaskList(
    secretIds,
    {
      style: taskListStyle(operator, options),
      stream: operator.err,
      concurrency: options.concurrency,
      resultFollows: !options.json,
    },
    async (secretId) => {
      const aws = operator.connectAws(connections.get(secretId) ?? { region: undefined, profile: undefined });
      const examined = await examineSecret(secretId, endpointOptions(options), { aws, cluster, interrupted, randomId });
      found.push(examined);
      return { good: examined.kind === 'examined', line: examined.kind === 'examined' ? 'examined' : examined.code };
    },
  );

  const ordered = secretIds.flatMap((secretId) => found.filter((examined) => examined.secretId === secretId));
  const clashes = clashesOf(ordered.filter((examined): examined is Examination => examined.kind === 'examined'));
  const entries = ordered.map((examined): StatusEntry => ({ examined, findings: findingsFor(examined, clock.now()) }));
  const code = interrupted.aborted
    ? ExitCode.interrupted
    : gravest([...entries.map(exitCodeOf), clashes.length > 0 ? ExitCode.failed : ExitCode.ok]);
  print(operator, options, { code, entries, clashes });
  return code;
}

function print(
  { out, clock }: Operator,
  { json }: Options,
  { code, entries, clashes }: { code: ExitCode; entries: readonly StatusEntry[]; clashes: readonly Clash[] },
): void {
  if (json) {
    const secrets = entries.map((entry) => statusJson(entry, clock.now()));
    out.write(`${JSON.stringify({ command: 'status', exitCode: code, secrets, clashes }, undefined, 2)}\n`);
  } else {
    out.write([...entries.map((entry) => statusText(entry, clock.now())), ...clashes.map(clashText)].join('\n'));
  }
}

async function rotatedBy(options: Options, operator: Operator): Promise<readonly string[]> {
  if (options.rotatedBy === undefined) {
    return [];
  }
  const aws = operator.connectAws({ region: options.region, profile: options.profile });
  return aws.rotation.rotatedBy(options.rotatedBy);
}

function findingsFor(examined: Examined, now: number): readonly Finding[] {
  return examined.kind === 'examined' ? findingsOf(examined, now) : [];
}

function exitCodeOf({ examined, findings }: StatusEntry): ExitCode {
  if (examined.kind === 'refused') {
    return ExitCode.refused;
  }
  if (findings.some(({ severity }) => severity === 'problem')) {
    return ExitCode.failed;
  }
  return findings.some(({ severity }) => severity === 'undecided') ? ExitCode.unconfirmed : ExitCode.ok;
}

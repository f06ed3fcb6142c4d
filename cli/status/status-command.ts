import type { Command } from 'commander';
import type { CommandPorts } from '../command-ports.ts';
import { type ExaminationResult, examineSecret } from '../examine/examine-secret.ts';
import { findingsOf } from '../examine/findings.ts';
import { ExitCode, mostSerious } from '../exit-code.ts';
import {
  addSharedOptions,
  clusterConnection,
  connectAwsFor,
  endpointOptions,
  parseCount,
  requireUsersOfOneSecret,
  type SharedOptions,
  taskListOptions,
  UsageError,
} from '../terminal/options.ts';
import { runTaskList, type Task } from '../terminal/task-list.ts';
import { findClashes } from './clashes.ts';
import { clashText, type StatusEntry, statusJson, statusText } from './render.ts';

interface Options extends SharedOptions {
  readonly rotatedBy?: string;
  readonly concurrency: number;
}

/** Adds `status SECRET…` to the program. */
export function addStatusCommand(program: Command, ports: CommandPorts, exitWith: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .summary('show which stored password is in force and what is wrong')
    .description(
      'Shows versions, labels and rotation of each secret. Logs in to find the stored version that the cluster accepts. Changes nothing. Compares the given secrets: two secrets for one cluster user make each other wrong.',
    )
    .argument('[secret...]', 'names or ARNs of secrets');
  addSharedOptions(command)
    .optionsGroup('Which secrets:')
    .option('--rotated-by <function>', 'all secrets of the region that this function (name or ARN) rotates')
    .option('--concurrency <count>', 'how many secrets at a time', parseCount, 10)
    .action(async (secretIds: string[], options: Options) => {
      exitWith(await status(secretIds, options, ports));
    });
}

async function status(given: readonly string[], options: Options, ports: CommandPorts): Promise<ExitCode> {
  const cluster = ports.connectCluster(clusterConnection(options, ports));
  const secretIds = [...new Set([...given, ...(await listSecretsRotatedBy(options, ports))])];
  if (secretIds.length === 0) {
    throw new UsageError('There is no secret to examine. Name secrets, or give --rotated-by FUNCTION.');
  }
  requireUsersOfOneSecret(secretIds, options);
  const tasks = secretIds.map((secretId): Task<ExaminationResult> => {
    const examinePorts = {
      ...ports,
      aws: connectAwsFor(secretId, options, ports),
      endpoints: endpointOptions(options),
      usernames: options.users,
      cluster,
    };
    return {
      title: secretId,
      run: async () => {
        const value = await examineSecret(secretId, examinePorts);
        const succeeded = value.kind === 'examined';
        return { value, succeeded, summary: succeeded ? 'examined' : value.code };
      },
    };
  });
  const results = await runTaskList(tasks, taskListOptions(options, ports));

  const now = ports.clock.now();
  const entries = results.map((result): StatusEntry => {
    return { result, findings: result.kind === 'examined' ? findingsOf(result, now) : [] };
  });
  const clashes = findClashes(results.filter((result) => result.kind === 'examined'));
  const code = ports.interrupted.aborted
    ? ExitCode.interrupted
    : mostSerious([...entries.map(exitCodeOf), clashes.length > 0 ? ExitCode.failed : ExitCode.ok]);
  if (options.json) {
    const secrets = entries.map((entry) => statusJson(entry, now));
    ports.out.write(`${JSON.stringify({ command: 'status', exitCode: code, secrets, clashes }, undefined, 2)}\n`);
  } else {
    ports.out.write([...entries.map((entry) => statusText(entry, now)), ...clashes.map(clashText)].join('\n'));
  }
  return code;
}

async function listSecretsRotatedBy(options: Options, ports: CommandPorts): Promise<readonly string[]> {
  if (options.rotatedBy === undefined) {
    return [];
  }
  const aws = ports.connectAws({ region: options.region, profile: options.profile });
  return aws.rotation.listSecretsRotatedBy(options.rotatedBy);
}

function exitCodeOf({ result, findings }: StatusEntry): ExitCode {
  if (result.kind === 'refused') {
    return ExitCode.refused;
  }
  if (findings.some(({ severity }) => severity === 'problem')) {
    return ExitCode.failed;
  }
  return findings.some(({ severity }) => severity === 'undecided') ? ExitCode.unconfirmed : ExitCode.ok;
}

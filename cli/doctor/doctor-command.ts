import { AwsError } from '../aws/aws-error.ts';
import type { CommandPorts } from '../command-ports.ts';
import { examineSecret } from '../examine/examine-secret.ts';
import { createSameUserFinder } from '../examine/find-same-user.ts';
import { findingsOf } from '../examine/findings.ts';
import { createAttemptReader } from '../examine/last-attempt.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { connectAwsFor, endpointOptions, managerPorts, readClusterConnection } from '../terminal/read-options.ts';
import { runTask, type Task } from '../terminal/run-task.ts';
import { jsonText, type Line, paragraph } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { runChecks } from './all-checks.ts';
import { checkIdentity } from './aws-checks.ts';
import { type CheckResult, type CheckStatus, type DoctorContext, type DoctorPorts, fail } from './check.ts';
import type { DoctorOptions } from './doctor-definition.ts';

/** Runs `doctor [SECRET]`. */
export async function doctor(
  [secretId]: readonly string[],
  options: DoctorOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const connection = readClusterConnection(options, ports);
  const aws = connectAwsFor(secretId ?? '', options, ports);
  const endpoints = endpointOptions(options);
  const doctorPorts: DoctorPorts = {
    ...ports,
    aws,
    cluster: ports.connectCluster(connection),
    endpoints,
    findSameUser: createSameUserFinder(endpoints, ports.interrupted),
    readLastAttempt: createAttemptReader(ports.clock),
    usernames: options.users,
    manager: options.manager ? managerPorts(options, ports) : undefined,
    privateCa: connection.privateCa,
    refreshIntervalMs: options.refreshInterval,
  };
  const title = secretId ?? 'the AWS identity';
  const task: Task<readonly CheckResult[]> = {
    title,
    run: async (showProgress) => await checkAll(secretId, doctorPorts, showProgress),
    succeeded: (results) => exitCodeOf(results) === ExitCode.ok,
    summarize: (results) => (exitCodeOf(results) === ExitCode.ok ? 'no check failed' : 'a check failed'),
  };
  const results = await runTask(task, options, ports);
  const code = ports.interrupted.aborted ? ExitCode.interrupted : exitCodeOf(results);
  if (options.json) {
    ports.out.write(jsonText(doctorJson(secretId, results, code)));
  } else {
    writeText(ports.out, doctorText(title, results));
  }
  return code;
}

async function checkAll(
  secretId: string | undefined,
  ports: DoctorPorts,
  showProgress: (line: string) => void,
): Promise<readonly CheckResult[]> {
  showProgress('checking the AWS identity');
  const inspection = await ports.aws.inspect();
  const identify = async (): Promise<CheckResult> => ({ check: 'identity', ...(await checkIdentity(inspection)) });
  if (secretId === undefined) {
    return [await identify()];
  }
  showProgress('reading the secret, and logging in');
  // At the same time, because each can take as long as AWS does not answer.
  const [identity, examination] = await Promise.all([identify(), examineSecret(secretId, ports)]);
  if (examination.kind === 'refused') {
    return [identity, { check: 'secret', ...fail(examination.message, examination.advice) }];
  }
  const functionArn = examination.secret.rotationFunctionArn;
  const context: DoctorContext = {
    ports,
    inspection,
    examination,
    findings: findingsOf(examination, ports.clock.now()),
    rotationFunction:
      functionArn === undefined ? undefined : await catchKnown(inspection.rotationFunction(functionArn), AwsError),
  };
  return [identity, ...(await runChecks(context, (check) => showProgress(`checking: ${check}`)))];
}

function exitCodeOf(results: readonly CheckResult[]): ExitCode {
  return results.some(({ status }) => status === 'fail') ? ExitCode.failed : ExitCode.ok;
}

const STATUSES: readonly CheckStatus[] = ['fail', 'warning', 'unknown', 'pass'];

function doctorText(title: string, results: readonly CheckResult[]): string {
  const counts = countsOf(results);
  const summary = STATUSES.map((status) => `${counts[status]} ${status}`).join(', ');
  return paragraph(
    `${title}: ${summary}`,
    results.flatMap(({ status, check, reason, fix = '' }): Line[] => [
      [status, `${check}: ${reason}`],
      ...(fix === '' ? [] : [['', fix] as const]),
    ]),
  );
}

/** The document of `--json`. */
function doctorJson(
  secretId: string | undefined,
  results: readonly CheckResult[],
  exitCode: ExitCode,
): Record<string, unknown> {
  const checks = results.map(({ fix, ...result }) => ({ ...result, fix: fix ?? null }));
  return { command: 'doctor', exitCode, secret: secretId ?? null, counts: countsOf(results), checks };
}

function countsOf(results: readonly CheckResult[]): Readonly<Record<CheckStatus, number>> {
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  return { fail: count('fail'), warning: count('warning'), unknown: count('unknown'), pass: count('pass') };
}

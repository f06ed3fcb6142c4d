import { AwsError } from '../aws/aws-error.ts';
import type { CommandPorts } from '../command-ports.ts';
import { examineSecret } from '../examine/examine-secret.ts';
import { findingsOf } from '../examine/findings.ts';
import { createAttemptReader } from '../examine/last-attempt.ts';
import { examinePorts } from '../examine-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { type Line, paragraph } from '../terminal/text.ts';
import { writeResult } from '../terminal/write-result.ts';
import { runChecks } from './all-checks.ts';
import { checkIdentity } from './aws-checks.ts';
import { type CheckResult, type CheckStatus, type DoctorContext, type DoctorPorts, fail } from './check.ts';
import type { DoctorOptions } from './doctor-definition.ts';

export async function doctor(
  [secretId = '']: readonly string[],
  options: DoctorOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const doctorPorts: DoctorPorts = {
    ...ports,
    ...examinePorts(options, ports),
    aws: connectAwsFor(secretId, options, ports),
    readLastAttempt: createAttemptReader(ports.clock),
    refreshIntervalMs: options.refreshInterval,
  };
  const run = async (showProgress: (line: string) => void) => await checkAll(secretId, doctorPorts, showProgress);
  const results = await runTask({ title: secretId, run }, options, ports);
  const code = ports.interrupted.aborted ? ExitCode.interrupted : exitCodeOf(results);
  writeResult(options, ports, doctorText(secretId, results), doctorJson(secretId, results, code));
  return code;
}

async function checkAll(
  secretId: string,
  ports: DoctorPorts,
  showProgress: (line: string) => void,
): Promise<readonly CheckResult[]> {
  showProgress('checking the AWS identity');
  const inspection = await ports.aws.inspect();
  const identify = async (): Promise<CheckResult> => ({ check: 'identity', ...(await checkIdentity(inspection)) });
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

function doctorText(secretId: string, results: readonly CheckResult[]): string {
  const counts = countsOf(results);
  const summary = STATUSES.map((status) => `${counts[status]} ${status}`).join(', ');
  return paragraph(
    `${secretId}: ${summary}`,
    results.flatMap(({ status, check, reason, fix = '' }): Line[] => [
      [status, `${check}: ${reason}`],
      ...(fix === '' ? [] : [['', fix] as const]),
    ]),
  );
}

function doctorJson(secret: string, results: readonly CheckResult[], exitCode: ExitCode): Record<string, unknown> {
  const checks = results.map(({ fix, ...result }) => ({ ...result, fix: fix ?? null }));
  return { command: 'doctor', exitCode, secret, counts: countsOf(results), checks };
}

function countsOf(results: readonly CheckResult[]): Readonly<Record<CheckStatus, number>> {
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  return { fail: count('fail'), warning: count('warning'), unknown: count('unknown'), pass: count('pass') };
}

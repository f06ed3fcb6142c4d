import { AwsError } from '../aws/aws-error.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import { findingsOf } from '../examine/findings.ts';
import { createAttemptReader } from '../examine/last-attempt.ts';
import { examinePorts } from '../examine-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { catchKnown } from '../outcome/failure.ts';
import { createProgressWriter } from '../terminal/progress.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { adviceLines, type Line, paragraph } from '../terminal/text.ts';
import { checkExecutionRole, checkIdentity, checkKeys } from './aws-checks.ts';
import { type Answers, type DoctorCheck, type DoctorContext, fail, unknown } from './check.ts';
import type { DoctorOptions } from './doctor-definition.ts';
import { checkAlarms, checkFunction, checkFunctionNetwork } from './function-checks.ts';
import type { CheckResult, DoctorDocument } from './json-schema.ts';
import { checkAllowedHost, checkNetwork } from './network-checks.ts';
import {
  checkManager,
  checkOtherApps,
  checkOtherSecrets,
  checkPins,
  checkRefresh,
  findingResults,
  resultOf,
} from './secret-checks.ts';

export async function doctor(
  [secretId = '']: readonly string[],
  options: DoctorOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  const checks = await checkAll(secretId, options, {
    ...examinePorts(options, ports),
    aws: connectAwsFor(secretId, options, ports),
    readLastAttempt: createAttemptReader(ports.clock, false),
  });
  const counts = { fail: 0, warning: 0, unknown: 0, pass: 0 };
  for (const { status } of checks) {
    counts[status] += 1;
  }
  const ended = counts.fail > 0 ? ExitCode.failed : ExitCode.ok;
  const exitCode = ports.interrupted.aborted ? ExitCode.interrupted : ended;
  const document: DoctorDocument = { command: 'doctor', exitCode, secret: secretId, counts, checks };
  return { text: doctorText(document), document };
}

async function checkAll(secretId: string, options: DoctorOptions, ports: ExaminePorts): Promise<CheckResult[]> {
  const showProgress = createProgressWriter(secretId, options, ports);
  showProgress('checking the AWS identity');
  const inspection = await ports.aws.inspect();
  const identify = async (): Promise<CheckResult> => ({ check: 'identity', ...(await checkIdentity(inspection)) });
  showProgress('reading the secret, and logging in');
  // At the same time, because each can take as long as AWS does not answer.
  const [identity, examination] = await Promise.all([identify(), examineSecret(secretId, ports)]);
  if (examination.kind === 'refused') {
    // A problem comes first, because it may be the cause.
    const findings = findingsOf(examination, ports.clock.now()).map((finding) => resultOf(finding));
    return [identity, ...findings, { check: 'secret', ...fail(examination.message, examination.advice) }];
  }
  const functionArn = examination.secret.rotationFunctionArn;
  const context: DoctorContext = {
    ports,
    options,
    inspection,
    examination,
    rotationFunction:
      functionArn === undefined ? undefined : await catchKnown(ports.aws.readFunction(functionArn), AwsError),
  };
  return [identity, ...(await runChecks(context, (check) => showProgress(`checking: ${check}`)))];
}

function doctorText({ secret, counts, checks }: DoctorDocument): string {
  // The counts are in the order of their seriousness.
  const ordered = Object.keys(counts).flatMap((status) => checks.filter((each) => each.status === status));
  const summary = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  return paragraph(
    `${secret}: ${summary.join(', ')}`,
    ordered.flatMap(({ status, check, reason, fix }): Line[] => [
      [status, `${check}: ${reason}`],
      ...(fix === null ? [] : adviceLines('', fix)),
    ]),
  );
}

/** Checks that others depend on come first: after a failure, later checks rarely pass. */
const CHECKS: Readonly<Record<string, DoctorCheck>> = {
  network: checkNetwork,
  'allowed-host': checkAllowedHost,
  pins: checkPins,
  'other-secrets': checkOtherSecrets,
  'other-apps': checkOtherApps,
  manager: checkManager,
  function: checkFunction,
  'execution-role': checkExecutionRole,
  keys: checkKeys,
  'function-network': checkFunctionNetwork,
  alarms: checkAlarms,
  'refresh-interval': checkRefresh,
};

/**
 * The findings of `status`, and what only this command checks.
 *
 * @param onStart gets the name of each check before it runs
 */
async function runChecks(context: DoctorContext, onStart: (check: string) => void): Promise<readonly CheckResult[]> {
  const results = [...findingResults(context)];
  for (const [check, run] of Object.entries(CHECKS)) {
    onStart(check);
    const answers = context.ports.interrupted.aborted
      ? unknown('The command was interrupted.')
      : await ask(run, context);
    results.push(...[answers].flat().map((answer) => ({ check, ...answer })));
  }
  return results;
}

/** @throws every error that does not come from AWS */
async function ask(run: DoctorCheck, context: DoctorContext): Promise<Answers> {
  const answers = await catchKnown(Promise.resolve(run(context)), AwsError);
  return answers instanceof AwsError ? unknown(answers.message, answers.advice) : answers;
}

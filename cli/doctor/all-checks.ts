import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { checkExecutionRole, checkKeys } from './aws-checks.ts';
import { type Answers, type Check, type CheckResult, type DoctorContext, unknown } from './check.ts';
import { checkAlarms, checkFunction, checkFunctionNetwork } from './function-checks.ts';
import { checkNetwork } from './network-checks.ts';
import { checkRefresh } from './refresh-check.ts';
import { checkAllowedHost, checkManager, checkOtherSecrets, findingResults } from './secret-checks.ts';

/** Checks that others depend on come first: after a failure, later checks rarely pass. */
const CHECKS: Readonly<Record<string, Check>> = {
  network: checkNetwork,
  'allowed-host': checkAllowedHost,
  'other-secrets': checkOtherSecrets,
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
export async function runChecks(
  context: DoctorContext,
  onStart: (check: string) => void,
): Promise<readonly CheckResult[]> {
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
async function ask(run: Check, context: DoctorContext): Promise<Answers> {
  const answers = await catchKnown(Promise.resolve(run(context)), AwsError);
  return answers instanceof AwsError ? unknown(answers.message, answers.advice) : answers;
}

import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import { failureOf } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import type { ChangePorts } from './change-ports.ts';
import type { PlanStep, PlanStepFailure } from './step.ts';

/**
 * Carries the steps out, one after the other, and stops at the first failure. Ctrl-C stops it too,
 * unless the admin has set a password: then the user needs the other steps. The event of a moved
 * AWSCURRENT is sent too.
 *
 * @returns `undefined` after every step
 */
export async function carryOut(steps: readonly PlanStep[], ports: ChangePorts): Promise<Failure | undefined> {
  const { interrupted } = ports;
  /** The version that this command has stored, if no request has made the cluster accept it. */
  let unused: string | undefined;
  let changed = false;
  let mayStop = true;
  for (const [index, step] of steps.entries()) {
    ports.showProgress(step.text);
    const failure: PlanStepFailure | undefined =
      interrupted.aborted && mayStop && step.kind !== 'send-event'
        ? interruptedBeforeChange()
        : await carryOutSafely(step, ports);
    if (failure !== undefined) {
      if (failure.mayBeSet) {
        changed = true;
      } else if (unused !== undefined) {
        await removeUnusedLabel(unused, ports);
      }
      const remaining = steps.slice(index).map(({ text }) => text);
      return asResult(failure, changed, remaining);
    }
    if (step.kind === 'store') {
      unused = step.versionId;
    } else if (step.kind !== 'log-in') {
      unused = undefined;
      changed = true;
    }
    mayStop &&= step.kind !== 'reset-password';
  }
  return undefined;
}

/** Says whether something was changed, and what remains. */
function asResult({ mayBeSet, ...failure }: PlanStepFailure, changed: boolean, remaining: readonly string[]): Failure {
  const { advice } = failure;
  if (!changed) {
    return {
      ...failure,
      advice: advice.includes('Nothing was changed.') ? advice : `Nothing was changed. ${advice}`.trim(),
    };
  }
  return {
    ...failure,
    kind: failure.kind === 'refused' ? 'failed' : failure.kind,
    advice:
      `${advice.replaceAll('Nothing was changed.', '')} Run the same command again: it finds out what is done. These steps remain: ${remaining.join('; ')}.`.trim(),
  };
}

/** The label stays if it cannot be removed: a rotation removes it when it needs room. */
async function removeUnusedLabel(versionId: string, { aws, secretId }: ChangePorts): Promise<void> {
  await catchKnown(aws.store(secretId).removeLabel({ label: sentLabel(versionId), from: versionId }), SecretStoreError);
}

/** @throws every error that does not come from AWS */
async function carryOutSafely(step: PlanStep, ports: ChangePorts): Promise<PlanStepFailure | undefined> {
  try {
    return await step.run(ports);
  } catch (error) {
    const isFinal =
      (error instanceof AwsError && !error.retryable) ||
      (error instanceof SecretStoreError && error.kind !== 'unavailable');
    return failureOf(error, isFinal ? 'refused' : 'failed');
  }
}

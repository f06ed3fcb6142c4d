import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import { failureOf } from '../aws/explain-aws-error.ts';
import { catchKnown, endIfInterrupted, endWith, type Failure } from '../outcome/failure.ts';
import { shellWord } from '../terminal/text.ts';
import type { ChangePorts } from './change-ports.ts';
import { type Plan, type PlanStep, UNSETTLED } from './step.ts';

/**
 * Carries the steps out, one after the other, and stops at the first failure. Ctrl-C stops it too,
 * unless the admin has set a password: then the user needs the other steps. The event of a moved
 * AWSCURRENT is sent too.
 *
 * @throws FailureError, and every error that comes neither from AWS nor from the cluster
 */
export async function carryOut({ steps, propagationMs }: Plan, ports: ChangePorts): Promise<void> {
  /** The version that this command has stored, if no request has made the cluster accept it. */
  let unused: string | undefined;
  let changed = false;
  let mayStop = true;
  for (const [index, step] of steps.entries()) {
    ports.showProgress(step.text);
    try {
      if (mayStop && step.kind !== 'send-event') {
        endIfInterrupted(ports);
      }
      await step.run({ ...ports, propagationMs });
    } catch (error) {
      const failure = failureOf(error, isFinal(error) ? 'refused' : 'failed');
      const isUnsettled = failure.code === UNSETTLED;
      if (!isUnsettled && unused !== undefined) {
        await removeUnusedLabel(unused, ports);
      }
      endWith(changed || isUnsettled ? afterChange(failure, steps.slice(index), ports) : beforeChange(failure));
    }
    if (step.kind === 'store') {
      unused = step.versionId;
    } else if (step.kind !== 'log-in') {
      unused = undefined;
      changed = true;
    }
    mayStop &&= step.kind !== 'reset-password';
  }
}

/** A repetition of the request would fail too. */
function isFinal(error: unknown): boolean {
  return (
    (error instanceof AwsError && !error.retryable) ||
    (error instanceof SecretStoreError && error.kind !== 'unavailable')
  );
}

/** The label stays if it cannot be removed: a rotation removes it when it needs room. */
async function removeUnusedLabel(versionId: string, { aws, secretId }: ChangePorts): Promise<void> {
  await catchKnown(aws.store(secretId).removeLabel({ label: sentLabel(versionId), from: versionId }), SecretStoreError);
}

function beforeChange(failure: Failure): Failure {
  const { advice } = failure;
  return advice.includes('Nothing was changed.')
    ? failure
    : { ...failure, advice: `Nothing was changed. ${advice}`.trim() };
}

function afterChange(
  { kind, code, message, advice }: Failure,
  remaining: readonly PlanStep[],
  { secretId }: ChangePorts,
): Failure {
  const kept = advice.replaceAll('Nothing was changed.', '');
  // init leaves AWSPENDING beside an accepted AWSCURRENT, because a rotation may be running.
  const again =
    remaining[0]?.kind === 'remove-pending'
      ? `Run \`zilliz-rotation repair ${shellWord(secretId)}\``
      : 'Run the same command again';
  return {
    kind: kind === 'refused' ? 'failed' : kind,
    code,
    message,
    advice:
      `${kept} ${again}: it finds out what is done. These steps remain: ${remaining.map(({ text }) => text).join('; ')}.`.trim(),
  };
}

import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/failure.ts';
import { createStepReader } from './logged-steps.ts';
import {
  explainFailedStep,
  explainIncomplete,
  explainInterruption,
  explainLabels,
  explainRunning,
  type NotProven,
  type ReportedStep,
} from './outcome.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import type { Started } from './start-rotation.ts';

/**
 * The pause between two reads. The first pause is short, because a rotation takes seconds. Later
 * pauses are longer, to stay below the quotas of AWS.
 */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2000;

/** A line of the log may become readable this much later than the labels. */
const LOG_DELAY_MS = 8000;

/** How long the command waits for the next attempt of Secrets Manager. */
const RETRY_WAIT_MS = 60_000;

/** For so long, a rotation in a fleet is followed by its labels while AWSPENDING stays. */
const LABELS_ONLY_MS = 10_000;

/**
 * Reads the labels and the log until the rotation ends or the time limit is reached.
 *
 * @param notes gets what the operator should know
 * @returns why AWSCURRENT is not the new version. `undefined` if it is
 */
export async function followRotation(
  started: Started,
  { timeout }: RotateOptions,
  ports: RotatePorts,
  notes: string[],
): Promise<NotProven | undefined> {
  const { aws, isOwn, versionId } = started;
  const { name } = started.secret;
  const { clock, interrupted, showProgress } = ports;
  const isOfMany = showProgress === undefined;
  const began = clock.now();
  const readSteps = createStepReader(started, ports, notes);
  showProgress?.(`${isOwn ? 'rotation started' : 'an earlier rotation is not complete'}, version ${versionId}`);
  const deadline = began + timeout;
  let last: ReportedStep | undefined;
  let pendingSeen = !isOwn;
  let failedSince: number | undefined;
  let pendingRemovedSince: number | undefined;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const needsLog = !isOfMany || pendingRemovedSince !== undefined || clock.now() - began >= LABELS_ONLY_MS;
    const read = needsLog ? await readSteps() : undefined;
    last = read === undefined || read === 'none' ? last : read;
    if (last?.failure?.retryable && failedSince === undefined) {
      showProgress?.('a retry may succeed: waiting up to a minute for Secrets Manager to start it');
    }
    failedSince = last?.hasFailed ? (failedSince ?? clock.now()) : undefined;
    // The labels are read after the log. So a promotion between the two reads is seen.
    const secret = await catchKnown(aws.rotation.describeSecret(started.secret.arn), AwsError);
    const now = clock.now();
    if (secret instanceof AwsError) {
      if (!secret.retryable || now >= deadline) {
        return explainRunning(name, explainAwsError(secret));
      }
    } else {
      pendingSeen ||= holderOf(secret, AWSPENDING) === versionId;
      const waitedForRetry = failedSince !== undefined && now - failedSince >= RETRY_WAIT_MS;
      const end = endOf(started, secret, { last, pendingSeen, waitedForRetry, isOver: now >= deadline });
      if (end === 'promoted') {
        showProgress?.(`AWSCURRENT has moved to version ${versionId}`);
        return undefined;
      }
      if (end?.code === 'pending-removed') {
        pendingRemovedSince ??= now;
      }
      const waitsForReason = end?.code === 'pending-removed' && now - (pendingRemovedSince ?? now) < LOG_DELAY_MS;
      if (end !== undefined && !waitsForReason) {
        return end;
      }
      // The first line of an attempt may become readable late.
      const isLogged = now - began < LABELS_ONLY_MS || read !== 'none';
      if (!isOwn && !isLogged && end === undefined) {
        return { kind: 'refused', ...explainIncomplete(name, versionId) };
      }
    }
    if (interrupted.aborted) {
      return explainInterruption(name, last);
    }
    await clock.sleep(Math.min(wait, Math.max(deadline - now, 1)), interrupted);
  }
}

/**
 * The labels decide whether the rotation has ended. The function's log only explains why.
 *
 * @param observed `pendingSeen`: the version had AWSPENDING before. Without it, a missing label
 *   proves nothing. `waitedForRetry`: Secrets Manager had its time to start the next attempt.
 *   `isOver`: the time limit is reached.
 * @returns `undefined` while the rotation runs
 */
function endOf(
  { versionId, previous, secret: { name } }: Started,
  secret: RotatingSecret,
  observed: { last: ReportedStep | undefined; pendingSeen: boolean; waitedForRetry: boolean; isOver: boolean },
): 'promoted' | NotProven | undefined {
  const { last, pendingSeen, waitedForRetry, isOver } = observed;
  const current = holderOf(secret, AWSCURRENT);
  if (current === versionId) {
    return 'promoted';
  }
  // Check the labels before the log. After an edit, the log says only that the version is no
  // longer pending.
  const isPending = holderOf(secret, AWSPENDING) === versionId;
  if ((current !== previous.versionId && !isPending) || holderOf(secret, AWSPREVIOUS) === versionId) {
    return explainLabels('abandoned', name);
  }
  if (!secret.rotationEnabled) {
    return explainLabels('cancelled', name);
  }
  const pendingRemoved = pendingSeen && !isPending;
  if (last?.hasFailed && (pendingRemoved || !last.failure?.retryable || waitedForRetry || isOver)) {
    return explainFailedStep(last, pendingRemoved, name);
  }
  if (pendingRemoved) {
    return explainLabels('pending-removed', name);
  }
  const timedOut = {
    code: 'timed-out',
    message: `Its version is ${versionId}. It was still running at the end of the time limit.`,
    advice: 'To wait longer, give --timeout.',
  };
  return isOver ? explainRunning(name, timedOut, last) : undefined;
}

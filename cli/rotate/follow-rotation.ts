import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { explainFailedStep, explainIncomplete, explainInterruption, explainLabels, explainRunning } from './explain.ts';
import type { NotProven, ShowProgress, StepRun } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import type { Started } from './start-rotation.ts';
import { failedRun, type StepRunReader } from './step-runs.ts';

/**
 * The pause between two reads. The first pause is short, because a rotation takes seconds. Later
 * pauses are longer, to stay below the quotas of AWS.
 */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2000;

/** A line of the log may become readable this much later than the labels. */
const LOG_DELAY_MS = 8000;

/** For so long, a rotation in a fleet is followed by its labels while AWSPENDING stays. */
const LABELS_ONLY_MS = 10_000;

/**
 * Reads the labels and the log until the rotation ends or the time limit is reached.
 *
 * @returns `end`: why AWSCURRENT is not the new version. `undefined` if it is
 */
export async function followRotation(
  started: Started,
  { timeout, retryWait, isOfMany = false }: RotateOptions,
  ports: Pick<RotatePorts, 'aws' | 'clock' | 'interrupted'> & { readonly readStepRuns: StepRunReader },
  showProgress: ShowProgress,
): Promise<{ end: NotProven | undefined; runs: readonly StepRun[] }> {
  const { name } = started.secret;
  const { aws, clock, interrupted, readStepRuns } = ports;
  const began = clock.now();
  const deadline = began + timeout;
  let runs: readonly StepRun[] = [];
  let pendingSeen = !started.isOwn;
  let failedSince: number | undefined;
  let pendingRemovedSince: number | undefined;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const needsLog = !isOfMany || pendingRemovedSince !== undefined || clock.now() - began >= LABELS_ONLY_MS;
    const read = needsLog ? await readStepRuns() : undefined;
    runs = read ?? runs;
    const failed = failedRun(runs);
    if (failed?.failure?.retryable && failedSince === undefined) {
      const atMost = formatDuration(Math.min(retryWait, deadline - clock.now()));
      showProgress(`a retry may succeed: waiting up to ${atMost} for Secrets Manager to start it`);
    }
    failedSince = failed === undefined ? undefined : (failedSince ?? clock.now());
    // The labels are read after the log. So a promotion between the two reads is seen.
    const secret = await catchKnown(aws.rotation.describeSecret(started.secret.arn), AwsError);
    const now = clock.now();
    if (secret instanceof AwsError) {
      if (!secret.retryable || now >= deadline) {
        const { kind: code, message, advice } = secret;
        return { end: explainRunning(name, { code, message, advice }), runs };
      }
    } else {
      pendingSeen ||= holderOf(secret, AWSPENDING) === started.versionId;
      const waitedForRetry = failedSince !== undefined && now - failedSince >= retryWait;
      const end = endOf(started, secret, { runs, pendingSeen, waitedForRetry, isOver: now >= deadline });
      if (end === 'promoted') {
        return { end: undefined, runs };
      }
      if (end?.code === 'pending-removed') {
        pendingRemovedSince ??= now;
      }
      const waitsForReason = end?.code === 'pending-removed' && now - (pendingRemovedSince ?? now) < LOG_DELAY_MS;
      if (end !== undefined && !waitsForReason) {
        return { end, runs };
      }
      // The first line of an attempt may become readable late.
      const isLogged = now - began < LABELS_ONLY_MS || read?.length !== 0;
      if (!started.isOwn && !isLogged && end === undefined) {
        return { end: { kind: 'refused', ...explainIncomplete(name, started.versionId) }, runs };
      }
    }
    if (interrupted.aborted) {
      return { end: explainInterruption(name, runs), runs };
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
  observed: { runs: readonly StepRun[]; pendingSeen: boolean; waitedForRetry: boolean; isOver: boolean },
): 'promoted' | NotProven | undefined {
  const { runs, pendingSeen, waitedForRetry, isOver } = observed;
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
  const run = failedRun(runs);
  if (run !== undefined && (pendingRemoved || !run.failure?.retryable || waitedForRetry || isOver)) {
    return explainFailedStep(run, pendingRemoved, name);
  }
  if (pendingRemoved) {
    return explainLabels('pending-removed', name);
  }
  const timedOut = {
    code: 'timed-out',
    message: `Its version is ${versionId}. It was still running at the end of the time limit.`,
    advice: 'To wait longer, give --timeout.',
  };
  return isOver ? explainRunning(name, timedOut, runs) : undefined;
}

/**
 * Reads the log of a promoted version until finishSecret has ended, because finishSecret still
 * removes labels after it has moved AWSCURRENT. Returns what is known if the line does not come.
 */
export async function readAllStepRuns(
  known: readonly StepRun[],
  { readStepRuns, clock, interrupted }: Pick<RotatePorts, 'clock' | 'interrupted'> & { readStepRuns: StepRunReader },
): Promise<readonly StepRun[]> {
  const until = clock.now() + LOG_DELAY_MS;
  for (let runs = known; ; ) {
    runs = (await readStepRuns()) ?? runs;
    const last = runs.at(-1);
    const ended = last === undefined || (last.step === 'finishSecret' && last.outcome !== 'running');
    if (ended || clock.now() >= until || interrupted.aborted) {
      return runs;
    }
    await clock.sleep(FIRST_WAIT_MS, interrupted);
  }
}

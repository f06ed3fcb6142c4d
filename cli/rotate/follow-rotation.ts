import { AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { WallClock } from '../clock.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { ProgressListener } from './report.ts';
import { type Observation, type RotationState, rotationState } from './rotation-state.ts';
import type { StepRunReader } from './step-run-reader.ts';
import { failedRun, type StepRun } from './step-runs.ts';

export interface StartedRotation
  extends Pick<Observation, 'versionId' | 'previousVersionId' | 'deadline' | 'retryWaitMs' | 'pendingSeen'> {
  readonly secretId: string;
  /** Until then, the log is not read while AWSPENDING stays. Milliseconds since the epoch. */
  readonly labelsOnlyUntil: number;
}

export interface FollowPorts {
  readonly aws: Pick<Aws, 'rotation'>;
  readonly readStepRuns: StepRunReader;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
}

/** `unobservable`: AWS no longer answers this caller. */
export type RotationEnd =
  | Exclude<RotationState, { kind: 'running' }>
  | { kind: 'interrupted' }
  | { kind: 'unobservable'; error: AwsError };

/**
 * The pause between two reads. The first pause is short, because a rotation takes seconds. Later
 * pauses are longer, to stay below the quotas of AWS.
 */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2000;

/** A line of the log may become readable this much later than the labels. */
const LOG_DELAY_MS = 8000;

/** Reads the labels and the log until the rotation ends or the deadline is reached. */
export async function followRotation(
  rotation: StartedRotation,
  { aws, readStepRuns, clock, interrupted }: FollowPorts,
  onProgress: ProgressListener,
): Promise<{ end: RotationEnd; runs: readonly StepRun[] }> {
  const { deadline } = rotation;
  let { pendingSeen } = rotation;
  let failedSince: number | undefined;
  let pendingRemovedSince: number | undefined;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const needsLog = pendingRemovedSince !== undefined || clock.now() >= rotation.labelsOnlyUntil;
    const runs = needsLog ? await readStepRuns() : [];
    const failed = failedRun(runs);
    if (failed === undefined) {
      failedSince = undefined;
    } else if (failedSince === undefined) {
      failedSince = clock.now();
      if (failed.failure?.retryable) {
        onProgress({ kind: 'waiting-for-retry', atMostMs: Math.min(rotation.retryWaitMs, deadline - clock.now()) });
      }
    }
    // The labels are read after the log. So a promotion between the two reads is seen.
    const secret = await catchKnown(aws.rotation.describeSecret(rotation.secretId), AwsError);
    const now = clock.now();
    if (secret instanceof AwsError) {
      if (!secret.retryable || now >= deadline) {
        return { end: { kind: 'unobservable', error: secret }, runs };
      }
    } else {
      pendingSeen ||= holderOf(secret, AWSPENDING) === rotation.versionId;
      const state = rotationState({ ...rotation, secret, runs, pendingSeen, failedSince, now });
      if (state.kind === 'pending-removed') {
        pendingRemovedSince ??= now;
      }
      const waitForReason = state.kind === 'pending-removed' && now - (pendingRemovedSince ?? now) < LOG_DELAY_MS;
      if (state.kind !== 'running' && !waitForReason) {
        return { end: state, runs };
      }
    }
    if (interrupted.aborted) {
      return { end: { kind: 'interrupted' }, runs };
    }
    await clock.sleep(Math.min(wait, Math.max(deadline - now, 1)), interrupted);
  }
}

/**
 * Reads the log of a promoted version until finishSecret has ended, because finishSecret still
 * removes labels after it has moved AWSCURRENT. Returns what is known if the line does not come.
 */
export async function readAllStepRuns({
  readStepRuns,
  clock,
  interrupted,
}: Omit<FollowPorts, 'aws'>): Promise<readonly StepRun[]> {
  const until = clock.now() + LOG_DELAY_MS;
  for (;;) {
    const runs = await readStepRuns();
    const last = runs.at(-1);
    const ended = last === undefined || (last.step === 'finishSecret' && last.outcome !== 'running');
    if (ended || clock.now() >= until || interrupted.aborted) {
      return runs;
    }
    await clock.sleep(FIRST_WAIT_MS, interrupted);
  }
}

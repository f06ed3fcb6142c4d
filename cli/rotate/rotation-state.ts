import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { failedRun, type StepRun } from './step-runs.ts';

/**
 * What the command knows about a rotation at one moment. Times are milliseconds since the epoch.
 */
export interface Observation {
  /** The version that the rotation creates. Its id is the token of the rotation. */
  readonly versionId: string;
  /** The version that was AWSCURRENT at the start. */
  readonly previousVersionId: string;
  readonly secret: RotatingSecret;
  readonly runs: readonly StepRun[];
  /** Whether the version ever had AWSPENDING. Before that, a missing label proves nothing. */
  readonly pendingSeen: boolean;
  /** When the command first saw the failure that ended the latest attempt. */
  readonly failedSince: number | undefined;
  readonly now: number;
  readonly deadline: number;
  /** How long to wait for the next attempt of Secrets Manager. */
  readonly retryWaitMs: number;
}

/**
 * - `abandoned`: somebody stored another value.
 * - `pending-removed`: somebody, or the function, removed AWSPENDING from the version.
 * - `cancelled`: somebody turned rotation off.
 */
export type RotationState =
  | { kind: 'running' }
  | { kind: 'promoted' }
  | { kind: 'abandoned' | 'pending-removed' | 'cancelled' | 'timed-out' }
  | { kind: 'step-failed'; run: StepRun; pendingRemoved: boolean };

/** The labels decide whether the rotation has ended. The function's log only explains why. */
export function rotationState(observation: Observation): RotationState {
  const { versionId, secret, now, deadline, retryWaitMs, failedSince } = observation;
  const current = holderOf(secret, AWSCURRENT);
  if (current === versionId) {
    return { kind: 'promoted' };
  }
  // Check the labels before the log. After an edit, the log says only that the version is no
  // longer pending.
  if (current !== observation.previousVersionId || holderOf(secret, AWSPREVIOUS) === versionId) {
    return { kind: 'abandoned' };
  }
  if (!secret.rotationEnabled) {
    return { kind: 'cancelled' };
  }
  const pendingRemoved = observation.pendingSeen && holderOf(secret, AWSPENDING) !== versionId;
  const run = failedRun(observation.runs);
  if (run !== undefined) {
    const waitedForRetry = failedSince !== undefined && now - failedSince >= retryWaitMs;
    if (pendingRemoved || !run.failure?.retryable || waitedForRetry || now >= deadline) {
      return { kind: 'step-failed', run, pendingRemoved };
    }
  }
  if (pendingRemoved) {
    return { kind: 'pending-removed' };
  }
  return now >= deadline ? { kind: 'timed-out' } : { kind: 'running' };
}

import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf } from '../../secret/versions.ts';
import type { RotatingSecret } from '../aws/rotation-service.ts';
import type { StepRun, Story } from './story.ts';

/** What is known about a rotation at one moment. Times are milliseconds since the epoch. */
export interface Observation {
  /** The rotation's token, which is its version's id. */
  readonly token: string;
  /** The version that was AWSCURRENT when it was started. */
  readonly startedFrom: string;
  readonly secret: RotatingSecret;
  readonly story: Story;
  /** Whether AWSPENDING was ever seen on the version: before that, its absence says nothing. */
  readonly pendingSeen: boolean;
  /** When the failure that ended the latest attempt was first seen. */
  readonly failedSince: number | undefined;
  readonly now: number;
  readonly deadline: number;
  /** How long to wait for Secrets Manager's next attempt. */
  readonly retryWaitMs: number;
}

export type Verdict =
  | { kind: 'going-on' }
  | { kind: 'promoted' }
  | { kind: 'step-failed'; run: StepRun }
  /** `replaced`: another value was put meanwhile. `unstuck`: AWSPENDING was taken off, by a hand or by the function. `cancelled`: rotation was turned off. */
  | { kind: 'ended'; reason: 'replaced' | 'unstuck' | 'cancelled' }
  | { kind: 'timed-out' };

/** Pure: has the rotation ended, and how? The labels decide; the function's own words explain. */
export function judge(seen: Observation): Verdict {
  const current = holderOf(seen.secret, AWSCURRENT);
  if (current === seen.token) {
    return { kind: 'promoted' };
  }
  // Before the function's own failure, which can only say that it found its version no longer pending.
  if (current !== seen.startedFrom || holderOf(seen.secret, AWSPREVIOUS) === seen.token) {
    return { kind: 'ended', reason: 'replaced' };
  }
  if (!seen.secret.rotationEnabled) {
    return { kind: 'ended', reason: 'cancelled' };
  }
  const { failed } = seen.story;
  const unstuck = seen.pendingSeen && holderOf(seen.secret, AWSPENDING) !== seen.token;
  if (failed && (unstuck || !failed.failure?.retryable || waitedFor(seen) || seen.now >= seen.deadline)) {
    return { kind: 'step-failed', run: failed };
  }
  if (unstuck) {
    return { kind: 'ended', reason: 'unstuck' };
  }
  return seen.now >= seen.deadline ? { kind: 'timed-out' } : { kind: 'going-on' };
}

function waitedFor({ failedSince, now, retryWaitMs }: Observation): boolean {
  return failedSince !== undefined && now - failedSince >= retryWaitMs;
}

import { AWSPENDING, holderOf } from '../../secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { RotatingSecret } from '../aws/rotation-service.ts';
import type { Clock } from '../clock.ts';
import { judge, type Verdict } from './judge.ts';
import type { TellProgress } from './progress.ts';
import type { Story } from './story.ts';

export interface Following {
  readonly secretId: string;
  readonly token: string;
  /** The version that was AWSCURRENT when the rotation was started. */
  readonly startedFrom: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly retryWaitMs: number;
}

export interface FollowPorts {
  readonly aws: Pick<Aws, 'rotation'>;
  readonly readStory: () => Promise<Story>;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
}

/** `lost-sight`: AWS does not answer this caller any more. */
export type Ending =
  | Exclude<Verdict, { kind: 'going-on' }>
  | { kind: 'interrupted' }
  | { kind: 'lost-sight'; error: AwsError };

/** Quick at first, since a rotation takes seconds; then sparing, since DescribeSecret and FilterLogEvents have quotas. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2000;

/** A log is readable some seconds after the labels: how long to wait for the reason why AWSPENDING was taken off. */
const EXPLANATION_MS = 8000;

/**
 * Watches a rotation until it has ended, or until the deadline. The labels of the secret decide; the function's log
 * explains, where it can be read.
 */
export async function follow(
  of: Following,
  { aws, readStory, clock, interrupted }: FollowPorts,
  tell: TellProgress,
): Promise<{ ending: Ending; story: Story }> {
  let pendingSeen = false;
  let failedSince: number | undefined;
  let unstuckSince: number | undefined;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const story = await readStory();
    if (story.failed === undefined) {
      failedSince = undefined;
    } else if (failedSince === undefined) {
      failedSince = clock.now();
      if (story.failed.failure?.retryable) {
        tell({ kind: 'waiting-for-retry', atMostMs: Math.min(of.retryWaitMs, of.deadline - clock.now()) });
      }
    }
    // After the log: a promotion that happens between the two readings is then seen, never overlooked.
    const seen = await look(aws, of.secretId);
    const now = clock.now();
    if (seen instanceof AwsError) {
      if (!seen.passing || now >= of.deadline) {
        return { ending: { kind: 'lost-sight', error: seen }, story };
      }
    } else {
      pendingSeen ||= holderOf(seen, AWSPENDING) === of.token;
      const verdict = judge({ ...of, secret: seen, story, pendingSeen, failedSince, now });
      const unstuck = verdict.kind === 'ended' && verdict.reason === 'unstuck';
      unstuckSince ??= unstuck ? now : undefined;
      const reasonMayCome = unstuck && now - (unstuckSince ?? now) < EXPLANATION_MS;
      if (verdict.kind !== 'going-on' && !reasonMayCome) {
        return { ending: verdict, story };
      }
    }
    if (interrupted.aborted) {
      return { ending: { kind: 'interrupted' }, story };
    }
    await clock.sleep(Math.min(wait, Math.max(of.deadline - now, 1)), interrupted);
  }
}

async function look(aws: Pick<Aws, 'rotation'>, secretId: string): Promise<RotatingSecret | AwsError> {
  try {
    return await aws.rotation.describe(secretId);
  } catch (error) {
    if (error instanceof AwsError) {
      return error;
    }
    throw error;
  }
}

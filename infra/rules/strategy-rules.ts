import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { SecretTarget, StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { refuseProp } from './check-props.ts';
import { DEFAULT_SCHEDULE, fewestHoursBetweenRotations } from './schedule-rules.ts';

/** What an entry of the file and the props of a secret say about its users or its API key. */
export interface Users {
  readonly username?: string;
  /** Two users that take turns, instead of `username`. */
  readonly usernames?: readonly [string, string];
  /** An API key, instead of a user. */
  readonly apiKeyId?: string;
  readonly strategy?: StrategyName;
}

/** What a secret says about its users. Absent values are `undefined`. */
export interface RotatedUsers extends SecretTarget {
  readonly strategy: StrategyName;
  /** Whether the stack creates the secret, so that the secret needs a user. */
  readonly isNew: boolean;
}

/** A schedule and its window in the syntax of AWS. */
export interface Rhythm {
  readonly schedule: string | undefined;
  readonly duration: string | undefined;
}

/**
 * Why the function would refuse some rotations, because they come too soon after the last one.
 * `undefined` if the schedule keeps the minimum gap or is invalid, or if the strategy has no gap.
 */
export function gapProblem(
  strategy: StrategyName,
  { schedule = DEFAULT_SCHEDULE, duration }: Rhythm,
  minimumGapMinutes: number,
): string | undefined {
  const hours = STRATEGIES[strategy].hasMinimumGap ? fewestHoursBetweenRotations(schedule, duration) : undefined;
  return hours !== undefined && hours * 60 < minimumGapMinutes
    ? `With this schedule, two rotations can be only ${hours * 60} minutes apart: ` +
        'one at the end of its window, and one at the start of the next window. ' +
        `For ${strategy}, minimumGapMinutes of the function is ${minimumGapMinutes}. ` +
        'Write a longer interval, a shorter window or fewer minutes.'
    : undefined;
}

/**
 * @throws RotationPropsError if the users do not fit the strategy, or if the schedule allows two
 * rotations within the minimum gap of the function.
 */
export function checkStrategy(scope: IConstruct, users: RotatedUsers, rhythm: Rhythm, minimumGapMinutes: number): void {
  const [problem] = STRATEGIES[users.strategy].pinProblems(users, users.isNew);
  if (problem) {
    refuseProp(scope, [problem.key], users[problem.key], problem.rule);
  }
  const tooSoon = Token.isUnresolved(minimumGapMinutes)
    ? undefined
    : gapProblem(users.strategy, rhythm, minimumGapMinutes);
  if (tooSoon !== undefined) {
    refuseProp(scope, ['schedule'], rhythm.schedule, tooSoon);
  }
}

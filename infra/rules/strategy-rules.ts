import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { Pins, StrategyName } from '../../protocol/secret/rotated-secrets.ts';
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

/** A schedule and its window in the syntax of AWS. */
interface Rhythm {
  readonly expression?: string | undefined;
  readonly duration?: string | undefined;
}

/**
 * Why the function would refuse some rotations, because they come too soon after the last one.
 * `undefined` if the schedule keeps the minimum gap or is invalid, or if the strategy has no gap.
 */
export function gapProblem(
  strategy: StrategyName,
  { expression = DEFAULT_SCHEDULE, duration }: Rhythm,
  minimumGapMinutes: number,
): string | undefined {
  const hasGap = STRATEGIES[strategy].refuseStart !== undefined;
  const hours = hasGap ? fewestHoursBetweenRotations(expression, duration) : undefined;
  return hours !== undefined && hours * 60 < minimumGapMinutes
    ? `With this schedule, two rotations can be only ${hours * 60} minutes apart: ` +
        'one at the end of its window, and one at the start of the next window. ' +
        `For ${strategy}, minimumGapMinutes of the function is ${minimumGapMinutes}. ` +
        'Write a longer interval, a shorter window or fewer minutes.'
    : undefined;
}

/** @throws RotationPropsError if the schedule allows two rotations within the minimum gap. */
export function checkGap(
  scope: IConstruct,
  strategy: StrategyName,
  schedule: Rhythm | undefined,
  minimumGapMinutes: number,
): void {
  const isKnown = !Token.isUnresolved(minimumGapMinutes);
  const rule = isKnown ? gapProblem(strategy, schedule ?? {}, minimumGapMinutes) : undefined;
  if (rule !== undefined) {
    refuseProp(scope, ['schedule'], schedule?.expression, rule);
  }
}

/**
 * @param isNew whether the stack creates the secret, so that the secret needs a user.
 * @throws RotationPropsError if the pins do not fit the strategy.
 */
export function checkPins(scope: IConstruct, strategy: StrategyName, pins: Pins, isNew = false): void {
  const [problem] = STRATEGIES[strategy].pinProblems(pins, isNew);
  if (problem) {
    refuseProp(scope, [problem.key], pins[problem.key], problem.rule);
  }
}

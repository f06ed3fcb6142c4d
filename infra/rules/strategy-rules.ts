import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type StrategyName, strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import type { SecretTarget } from '../../protocol/secret/rotated-secrets.ts';
import { refuseProp } from './check-props.ts';
import { DEFAULT_SCHEDULE, fewestHoursBetweenRotations } from './schedule-rules.ts';
import { USERNAME_RULE } from './shared-fields.ts';

// No other module of infra tells the strategies apart.

export const DEFAULT_STRATEGY: StrategyName = 'single-user';

/** What a secret says about its users. Absent values are `undefined`. */
export interface RotatedUsers extends SecretTarget {
  readonly strategy: StrategyName;
  /** Whether the stack creates the secret, so that the secret needs a user. */
  readonly isNew: boolean;
}

export interface UsersProblem {
  readonly key: 'endpoint' | 'username' | 'usernames';
  readonly rule: string;
}

/** Whether the function must know the endpoint and users of each secret, also of a new one. */
export function needsPin(strategy: StrategyName): boolean {
  return strategy === 'alternating-users';
}

/** The same for a secret with these users. */
export function mustPin(target: SecretTarget): boolean {
  return needsPin(strategyOf(target).name);
}

/** The key that names the users. */
export function usersKeyOf({ usernames }: SecretTarget): 'username' | 'usernames' {
  return usernames === undefined ? 'username' : 'usernames';
}

/** The secret must name the users of its strategy, and no others. */
export function usersProblems({ strategy, endpoint, username, usernames, isNew }: RotatedUsers): UsersProblem[] {
  const problems: UsersProblem[] = [];
  if (username !== undefined && usernames !== undefined) {
    problems.push({ key: 'username', rule: 'usernames names both users. Remove username.' });
  }
  if (strategy === 'single-user') {
    if (usernames !== undefined) {
      const rule =
        'A single user is named by username. Write strategy: alternating-users for two users that take turns.';
      problems.push({ key: 'usernames', rule });
    } else if (isNew && username === undefined) {
      problems.push({ key: 'username', rule: `Missing. ${USERNAME_RULE}` });
    }
    return problems;
  }
  if (usernames === undefined) {
    const rule = 'Missing. With alternating-users, write the two users that take turns: [orders_a, orders_b].';
    problems.push({ key: 'usernames', rule });
  }
  if (endpoint === undefined && !isNew) {
    const rule = 'Missing. With alternating-users, write the endpoint of the cluster that has both users.';
    problems.push({ key: 'endpoint', rule });
  }
  return problems;
}

/** The same for the pins of an existing secret, which name no strategy. */
export function pinProblems(target: SecretTarget): UsersProblem[] {
  return usersProblems({ ...target, strategy: strategyOf(target).name, isNew: false });
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
  const hours = strategy === 'single-user' ? undefined : fewestHoursBetweenRotations(schedule, duration);
  return hours !== undefined && hours * 60 < minimumGapMinutes
    ? `With this schedule, two rotations can be only ${hours * 60} minutes apart: one at the end of its window, and one at the start of the next window. For ${strategy}, minimumGapMinutes of the function is ${minimumGapMinutes}. Write a longer interval, a shorter window or fewer minutes.`
    : undefined;
}

/**
 * @throws RotationPropsError if the users do not fit the strategy, or if the schedule allows two
 * rotations within the minimum gap of the function.
 */
export function checkUsers(scope: IConstruct, users: RotatedUsers, rhythm: Rhythm, minimumGapMinutes: number): void {
  const [problem] = users.strategy === 'single-user' && users.usernames === undefined ? [] : usersProblems(users);
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

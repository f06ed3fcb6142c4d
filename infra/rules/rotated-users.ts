import type { StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import { checkSchedule, DEFAULT_SCHEDULE, fewestHoursBetweenRotations } from './schedule-rules.ts';
import { USERNAME_RULE } from './shared-fields.ts';

/** What a secret says about its users. Absent values are `undefined`. */
export interface RotatedUsers {
  readonly strategy: StrategyName;
  readonly endpoint: unknown;
  readonly username: unknown;
  readonly usernames: unknown;
  /** Whether the stack creates the secret, so that the secret needs a user. */
  readonly isNew: boolean;
}

export interface UsersProblem {
  readonly key: 'endpoint' | 'username' | 'usernames';
  readonly rule: string;
}

/** Each user of a strategy must be pinned, and no other user. */
export function usersProblems({ strategy, endpoint, username, usernames, isNew }: RotatedUsers): UsersProblem[] {
  const problems: UsersProblem[] = [];
  if (username !== undefined && usernames !== undefined) {
    problems.push({ key: 'username', rule: 'usernames names both users. Remove username.' });
  }
  if (strategy === 'single-user') {
    if (usernames !== undefined) {
      problems.push({
        key: 'usernames',
        rule: 'A single user is named by username. Write strategy: alternating-users for two users that take turns.',
      });
    } else if (isNew && username === undefined) {
      problems.push({ key: 'username', rule: `Missing. ${USERNAME_RULE}` });
    }
    return problems;
  }
  if (usernames === undefined) {
    problems.push({
      key: 'usernames',
      rule: 'Missing. With alternating-users, write the two users that take turns: [orders_a, orders_b].',
    });
  }
  if (endpoint === undefined && !isNew) {
    problems.push({
      key: 'endpoint',
      rule: 'Missing. With alternating-users, write the endpoint of the cluster that has both users.',
    });
  }
  return problems;
}

/** The same text for the same user at the same endpoint. */
export function userKey(url: string, username: string): string {
  return `${username} at ${url}`;
}

/** @param other the secret or the construct that has the user already */
export function sameUserRule(other: string): string {
  return `${other} has the same user at the same endpoint. A rotation of one secret changes the password, and the other secret keeps the old one. Give each secret its own user, or let all applications read one secret. If the value of a secret names another endpoint, give the secret this endpoint here too.`;
}

/** A valid schedule and window, in the syntax of AWS. */
export interface Rhythm {
  readonly schedule: string | undefined;
  readonly duration: string | undefined;
}

/**
 * Says why the function would refuse some rotations of alternating users. `undefined` if the
 * schedule keeps the minimum gap.
 */
export function gapProblem(
  { schedule = DEFAULT_SCHEDULE, duration }: Rhythm,
  minimumGapMinutes: number,
): string | undefined {
  if (checkSchedule(schedule, duration).kind === 'invalid') {
    return undefined;
  }
  const fewest = fewestHoursBetweenRotations(schedule, duration) * 60;
  return fewest < minimumGapMinutes
    ? `With this schedule, two rotations can be only ${fewest} minutes apart: one at the end of its window, and one at the start of the next window. For alternating-users, minimumGapMinutes of the function is ${minimumGapMinutes}. Write a longer interval, a shorter window or fewer minutes.`
    : undefined;
}

import type { SecretTarget } from '../../secret/rotated-secrets.ts';
import { alternatingUsers } from './alternating-users.ts';
import { singleUser } from './single-user.ts';
import type { RotationStrategy } from './strategy.ts';

/**
 * Every strategy, in AWS's words. The configuration, the constructs, the function and the command
 * read this list.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
export const STRATEGY_NAMES = ['single-user', 'alternating-users'] as const;

export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** Each returns `undefined` if the pins are of another strategy. */
const FROM_PINS: Readonly<Record<StrategyName, (target: SecretTarget) => RotationStrategy | undefined>> = {
  'single-user': ({ username, usernames }) => (usernames === undefined ? singleUser(username) : undefined),
  'alternating-users': ({ usernames }) => usernames && alternatingUsers(usernames),
};

/** The strategy whose pins the deployment wrote for a secret. Without pins: a single user. */
export function strategyOf(target: SecretTarget): RotationStrategy {
  const pinned = STRATEGY_NAMES.map((name) => FROM_PINS[name](target)).find((strategy) => strategy !== undefined);
  return pinned ?? singleUser(undefined);
}

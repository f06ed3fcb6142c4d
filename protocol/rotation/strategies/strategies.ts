import type { SecretTarget } from '../../secret/rotated-secrets.ts';
import { alternatingUsers } from './alternating-users.ts';
import { singleUser } from './single-user.ts';
import type { RotationStrategy, StrategyDefinition } from './strategy.ts';

export type StrategyName = 'single-user' | 'alternating-users';

/**
 * Every strategy, in AWS's words. The configuration, the constructs, the function and the command
 * read this list.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
export const STRATEGIES: Readonly<{ [Name in StrategyName]: StrategyDefinition<Name> }> = {
  'single-user': singleUser,
  'alternating-users': alternatingUsers,
};

export const STRATEGY_NAMES: readonly [StrategyName, ...StrategyName[]] = ['single-user', 'alternating-users'];

export const DEFAULT_STRATEGY: StrategyName = 'single-user';

/** The strategy whose pins the deployment wrote for a secret. Without pins: the default. */
export function strategyOf(target: SecretTarget): RotationStrategy {
  for (const { fromPins } of Object.values<StrategyDefinition>(STRATEGIES)) {
    const strategy = fromPins(target);
    if (strategy !== undefined) {
      return strategy;
    }
  }
  throw new TypeError('no strategy has these pins');
}

import type { Pins, StrategyName } from '../../secret/rotated-secrets.ts';
import { alternatingUsers } from './alternating-users.ts';
import { apiKey } from './api-key.ts';
import { singleUser } from './single-user.ts';
import type { Strategy } from './strategy.ts';

/**
 * The configuration, the constructs, the function and the command read this list.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  'single-user': singleUser,
  'alternating-users': alternatingUsers,
  'api-key': apiKey,
};

export const DEFAULT_STRATEGY = 'single-user';

/**
 * The strategy of pins: the one that they name, else the one that their users or their key tell.
 *
 * @param otherwise if they tell none
 */
export function strategyOf(
  { strategy, usernames, apiKeyId }: Pins,
  otherwise: StrategyName = DEFAULT_STRATEGY,
): Strategy {
  const named = usernames === undefined ? otherwise : 'alternating-users';
  return STRATEGIES[strategy ?? (apiKeyId === undefined ? named : 'api-key')];
}

/** The pins of a secret with this strategy, which name it only if nothing else tells it. */
export function pinsOf({ strategy, ...pins }: Pins & { readonly strategy: StrategyName }): Pins {
  return strategyOf(pins).name === strategy ? pins : { ...pins, strategy };
}

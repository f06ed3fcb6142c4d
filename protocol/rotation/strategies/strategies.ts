import type { Pins, StrategyName } from '../../secret/rotated-secrets.ts';
import { RotationError } from '../errors.ts';
import { alternatingUsers } from './alternating-users.ts';
import { apiKey } from './api-key.ts';
import { singleUser } from './single-user.ts';
import type { RotationStrategy, StrategyDefinition } from './strategy.ts';

/**
 * Every strategy. The configuration, the constructs, the function and the command read this list.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
export const STRATEGIES: Readonly<{ [Name in StrategyName]: StrategyDefinition<Name> }> = {
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
export function definitionOf(
  { strategy, usernames, apiKeyId }: Pins,
  otherwise: StrategyName = DEFAULT_STRATEGY,
): StrategyDefinition<StrategyName> {
  const named = usernames === undefined ? otherwise : 'alternating-users';
  return STRATEGIES[strategy ?? (apiKeyId === undefined ? named : 'api-key')];
}

/**
 * The pins of a secret with this strategy. They name the strategy only if nothing else tells it.
 */
export function pinsOf({ strategy, ...pins }: Pins & { readonly strategy: StrategyName }): Pins {
  return definitionOf(pins).name === strategy ? pins : { ...pins, strategy };
}

/**
 * The strategy whose pins the deployment wrote for a secret. Without pins: the default.
 *
 * @throws RotationError PINS_UNREADABLE if the pins lack what their strategy needs.
 */
export function strategyOf(pins: Pins): RotationStrategy {
  const definition = definitionOf(pins);
  const strategy = definition.fromPins(pins);
  if (strategy === undefined) {
    throw new RotationError('PINS_UNREADABLE', `The pins of the secret are not those of ${definition.name}.`);
  }
  return strategy;
}

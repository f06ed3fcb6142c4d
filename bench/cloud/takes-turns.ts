import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';

/** Whether a secret with this strategy has two users that take turns. */
export function takesTurns(strategy: StrategyName): boolean {
  return STRATEGIES[strategy].fromPins({ usernames: ['first', 'second'] }) !== undefined;
}

/** Whether a secret with this strategy holds an API key. */
export function holdsKey(strategy: StrategyName): boolean {
  return STRATEGIES[strategy].fromPins({ apiKeyId: 'key' })?.form === 'api-key';
}

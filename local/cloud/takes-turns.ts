import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';

/** Whether a secret with this strategy has two users that take turns. */
export function takesTurns(strategy: StrategyName): boolean {
  return STRATEGIES[strategy].canUse({ usernames: ['first', 'second'] });
}

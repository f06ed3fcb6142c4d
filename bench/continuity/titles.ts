import type { StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import type { ClientName } from './clients.ts';
import type { RunSettings } from './results.ts';

export const STRATEGY_TITLES: Readonly<Record<StrategyName, string>> = {
  'single-user': 'single user',
  'alternating-users': 'two users',
};

export function titleOf(client: ClientName, { intervalMs }: Pick<RunSettings, 'intervalMs'>): string {
  const titles: Record<ClientName, string> = {
    rotating: 'zilliz-secret-client',
    interval: `SDK, re-reads every ${intervalMs / 1000} s`,
    failure: 'SDK, re-reads after a refusal',
    never: 'SDK, never re-reads',
  };
  return titles[client];
}

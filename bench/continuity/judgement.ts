import type { ClientName } from './clients.ts';
import { IN_USE_CHANGED, LEAKED } from './events.ts';
import type { ApplicationResult, StrategyRun } from './results.ts';

/**
 * With two users, too, these events end a token before a client that reads in intervals has read
 * the next one.
 */
const NOT_COVERED = [IN_USE_CHANGED, LEAKED];

/** The clients that must fail with a single user. Otherwise the run proves nothing. */
const MUST_FAIL: readonly ClientName[] = ['failure', 'never'];

/** The promises of docs/continuity.md that the run broke, as text. */
export function brokenPromises({ strategy, applications }: StrategyRun): string[] {
  return applications.flatMap((application) => {
    const { client, inserts } = application;
    const counts: Record<string, number> = { 'lost inserts': inserts.lost, 'duplicate inserts': inserts.duplicates };
    if (client === 'rotating') {
      counts['failed calls'] = failedCalls(application);
      counts['rows of unconfirmed inserts'] = inserts.unconfirmed;
    } else if (client === 'interval' && strategy === 'alternating-users') {
      counts['failed calls'] = failedCalls(application, NOT_COVERED);
    }
    const broken = Object.entries(counts)
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => `${strategy}, ${client}: ${count} ${what}`);
    const provesNothing = strategy === 'single-user' && MUST_FAIL.includes(client) && failedCalls(application) === 0;
    return provesNothing ? [...broken, `${strategy}, ${client}: no failed calls, but the client must fail`] : broken;
  });
}

/** Failed calls, without those around some events. */
export function failedCalls({ failures, around }: ApplicationResult, without: readonly string[] = []): number {
  const all = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return without.reduce((rest, name) => rest - (around[name]?.failed ?? 0), all);
}

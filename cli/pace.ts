import type { Clock } from './clock.ts';

/**
 * Lets calls pass one after the other at a steady rate, so that many secrets at once stay below AWS's quotas.
 *
 * @returns waits for the caller's turn.
 */
export function createPace(clock: Clock, perSecond: number, signal: AbortSignal): () => Promise<void> {
  const gap = 1000 / perSecond;
  let next = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    const turn = Math.max(now, next);
    next = turn + gap;
    if (turn > now) {
      await clock.sleep(turn - now, signal);
    }
  };
}

import type { WallClock } from '../clock.ts';

/** Spreads calls evenly, so that many secrets at a time stay below the quotas of AWS. */
export interface Pace {
  /**
   * Waits until the next call may start. Calls start in the order in which they ask.
   *
   * @param cost how many units of the rate the call uses
   */
  wait(cost?: number): Promise<void>;
  /** AWS throttled a call: no call starts for a second. */
  pause(): void;
}

/** Below AWS's quota of 50 a second for ListSecretVersionIds. */
export const VERSION_LISTS_PER_SECOND = 40;

/** The lowest quota of FilterLogEvents in any region is 5 a second. */
export const LOG_READS_PER_SECOND = 4;

/** AWS's quota for LookupEvents. */
export const EVENT_LOOKUPS_PER_SECOND = 2;

/** The quotas of AWS are for a second, so a throttled call succeeds after this time. */
const PAUSE_MS = 1000;

/**
 * @param perSecond the rate, in units a second
 * @param stopped ends every wait
 */
export function createPace(clock: WallClock, perSecond: number, stopped: AbortSignal): Pace {
  let next = Number.NEGATIVE_INFINITY;
  let lastInQueue = Promise.resolve();

  const waitInOrder = async (cost: number): Promise<void> => {
    // The time of the next call can move while this call sleeps.
    for (let now = clock.now(); now < next && !stopped.aborted; now = clock.now()) {
      await clock.sleep(next - now, stopped);
    }
    next = Math.max(next, clock.now()) + (1000 * cost) / perSecond;
  };

  return {
    wait: (cost = 1) => {
      lastInQueue = lastInQueue.then(async () => await waitInOrder(cost));
      return lastInQueue;
    },
    pause: () => {
      next = Math.max(next, clock.now() + PAUSE_MS);
    },
  };
}

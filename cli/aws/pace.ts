import type { WallClock } from '../clock.ts';

/** Spreads calls evenly, so that many secrets at a time stay below the quotas of AWS. */
export interface Pace {
  /**
   * Waits until the next call may start. Calls start in the order in which they ask.
   *
   * @param cost how many units of the rate the call uses
   */
  wait(cost?: number): Promise<void>;
  /** AWS throttled a call: the rate drops to the half, and then recovers. */
  slowDown(): void;
}

/** Below AWS's quota of 50 a second for ListSecretVersionIds. */
export const VERSION_LISTS_PER_SECOND = 40;

/** After a throttled call, no call starts for this time, and the rate does not rise. */
const PAUSE_MS = 1000;

/** The rate drops once for all the calls that AWS throttles within this time. */
const ONE_DROP_MS = 2000;

/** The part of the full rate that is recovered in a second. */
const RECOVERY = 0.02;

/**
 * A busy machine lets calls start late. Calls that wait make up for at most this time, because
 * more calls at once could exceed a quota.
 */
const CATCH_UP_MS = 200;

/**
 * @param perSecond the full rate, in units a second
 * @param stopped ends every wait
 */
export function createPace(clock: WallClock, perSecond: number, stopped: AbortSignal): Pace {
  let rate = perSecond;
  let changedAt = clock.now();
  let droppedAt = Number.NEGATIVE_INFINITY;
  let next = Number.NEGATIVE_INFINITY;
  let lastInQueue = Promise.resolve();

  const recover = (now: number): void => {
    const since = Math.max(changedAt, droppedAt + PAUSE_MS);
    if (now > since) {
      rate = Math.min(perSecond, rate + (perSecond * RECOVERY * (now - since)) / 1000);
      changedAt = now;
    }
  };

  const waitInOrder = async (cost: number, askedAt: number): Promise<void> => {
    const mayCatchUp = askedAt <= next;
    // The time of the next call can move while this call sleeps.
    for (let now = clock.now(); now < next && !stopped.aborted; now = clock.now()) {
      await clock.sleep(next - now, stopped);
    }
    const now = clock.now();
    recover(now);
    const interval = (1000 * cost) / rate;
    next = Math.max(next, now - (mayCatchUp ? CATCH_UP_MS : 0)) + interval;
  };

  return {
    wait: (cost = 1) => {
      const askedAt = clock.now();
      lastInQueue = lastInQueue.then(async () => await waitInOrder(cost, askedAt));
      return lastInQueue;
    },
    slowDown: () => {
      const now = clock.now();
      recover(now);
      if (now - droppedAt >= ONE_DROP_MS) {
        // The rate stays above RECOVERY times the full rate, because it recovers for a second
        // between two drops.
        rate /= 2;
        droppedAt = now;
        changedAt = now;
      }
      next = Math.max(next, now + PAUSE_MS);
    },
  };
}

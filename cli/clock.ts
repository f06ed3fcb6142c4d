import { setTimeout as delay } from 'node:timers/promises';

/** The time. Tests pass a clock that does not wait. */
export interface WallClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after the time, or at once if the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: WallClock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await delay(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
    }
  },
};

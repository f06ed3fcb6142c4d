import type { Clock } from '../clock.ts';
import type { FunctionLog } from './aws.ts';

/** Waits until the next call may start. */
export type RateLimit = () => Promise<void>;

/** Spreads calls evenly, so that many secrets at a time stay below the quotas of AWS. */
export function createRateLimit(clock: Clock, callsPerSecond: number, interrupted: AbortSignal): RateLimit {
  const interval = 1000 / callsPerSecond;
  let next = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    const start = Math.max(now, next);
    next = start + interval;
    if (start > now) {
      await clock.sleep(start - now, interrupted);
    }
  };
}

export function limitReads(log: FunctionLog, waitForTurn: RateLimit): FunctionLog {
  return {
    readLines: async (versionId, since) => {
      await waitForTurn();
      return await log.readLines(versionId, since);
    },
    readSteps: async (period, secretArn) => {
      await waitForTurn();
      return await log.readSteps(period, secretArn);
    },
  };
}

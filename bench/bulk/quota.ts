/**
 * A quota of calls a second: a bucket that holds the calls of one second and refills evenly.
 */
export interface Quota {
  /** Takes the cost. `false`: the quota does not allow it, and nothing was taken. */
  take(cost: number): boolean;
}

export function createQuota(perSecond: number, now: () => number): Quota {
  let left = perSecond;
  let at = now();
  return {
    take: (cost) => {
      const time = now();
      left = Math.min(perSecond, left + (perSecond * (time - at)) / 1000);
      at = time;
      if (cost > left) {
        return false;
      }
      left -= cost;
      return true;
    },
  };
}

/** The most calls in any second. */
export function mostInASecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, time] of sorted.entries()) {
    while (time - (sorted[first] ?? 0) >= 1000) {
      first += 1;
    }
    most = Math.max(most, index - first + 1);
  }
  return most;
}

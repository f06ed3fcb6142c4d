import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds on a clock that all threads share and that nobody sets. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

const POLL_MS = 20;
const LIMIT_MS = 60_000;

/** Waits for a condition. @throws Error if it does not hold within a minute. */
export async function until(condition: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = now() + LIMIT_MS;
  while (!(await holds())) {
    if (now() > limit) {
      throw new Error(`This did not happen within ${LIMIT_MS / 1000} s: ${condition}.`);
    }
    await wait(POLL_MS);
  }
}

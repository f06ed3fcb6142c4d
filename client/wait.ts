/** If a deadline or the end of a budget is noticed this much later, the process was stopped. */
export const STOPPED_MS = 1000;

/** The time for one read of the secret and one repetition, after the process was stopped. */
export const EXTRA_MS = 5000;

/** The longest delay of a timer of Node. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Waits for a promise. Ends early when the signal is aborted, or at a time of `performance.now()`.
 *
 * @returns the result of the promise. undefined if the wait ended early.
 */
export async function waitFor<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  until: number = Number.POSITIVE_INFINITY,
): Promise<T | undefined> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  // A timer may end up to a millisecond early.
  const delayMs = Math.max(0, until - performance.now()) + 1;
  const timer = until === Number.POSITIVE_INFINITY ? undefined : setTimeout(stop, Math.min(delayMs, MAX_DELAY_MS));
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) {
      stop();
    }
    return await Promise.race([stopped, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Aborts at a time of `performance.now()`. A call reads the secret at least once, so it gets
 * more time if the process was stopped meanwhile.
 *
 * @returns a function that ends the timer.
 */
export function abortAt(end: number, controller: AbortController): () => void {
  const abort = (): void => controller.abort();
  let timer = setTimeout(
    () => {
      timer = setTimeout(abort, performance.now() - end < STOPPED_MS ? 0 : EXTRA_MS);
    },
    // The clock may have jumped beyond a deadline. Node warns of a negative delay.
    Math.min(Math.max(0, end - performance.now()), MAX_DELAY_MS),
  );
  return () => clearTimeout(timer);
}

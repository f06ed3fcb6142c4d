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

/**
 * Waits for a promise, or for a time of `performance.now()`. Ends early when the signal is
 * aborted.
 *
 * @returns the result of the promise. undefined after a time, or if the wait ended early.
 */
export async function waitUntil<T>(end: Promise<T> | number, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    if (typeof end !== 'number') {
      // Without a handler, a later rejection would end the process.
      end.catch(() => undefined);
    }
    return undefined;
  }
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  signal.addEventListener('abort', stop);
  const timer = typeof end === 'number' ? setTimeout(stop, Math.max(0, end - performance.now())) : undefined;
  try {
    return await (typeof end === 'number' ? stopped : Promise.race([end, stopped]));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

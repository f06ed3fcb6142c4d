/**
 * Returns an error that the caller expects instead of throwing it.
 *
 * @throws every error of another class
 */
export async function catchKnown<T, E extends Error>(
  value: Promise<T>,
  expected: abstract new (...args: never[]) => E,
): Promise<T | E> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof expected) {
      return error;
    }
    throw error;
  }
}

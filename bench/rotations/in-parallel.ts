/**
 * Calls `run` for every item, at most `limit` at the same time.
 *
 * @returns The results in the order of the items.
 * @throws the first error. Calls that have started then still run to their end.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  async function work(): Promise<void> {
    for (const [index, item] of queue) {
      results[index] = await run(item, index);
    }
  }
  await Promise.all(Array.from({ length: limit }, work));
  return results;
}

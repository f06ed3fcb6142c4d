/** How many secrets a command reads at a time, before it works on each of them. */
export const MAX_CONCURRENT_READS = 20;

/**
 * How many secrets a command works on at a time, if this work may ask Lambda, which answers about
 * 15 requests for a function a second.
 */
export const MAX_CONCURRENT = 10;

/**
 * Maps items, so many at a time. After an error, waits for the work that has begun.
 *
 * @returns the results, in the order of the items
 * @throws the first error
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  atATime: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      results[index] = await map(item);
    }
  };
  const workers = Array.from({ length: Math.min(atATime, items.length) }, work);
  const failed = (await Promise.allSettled(workers)).find((end) => end.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  return results;
}

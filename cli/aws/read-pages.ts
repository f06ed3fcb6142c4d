import { AwsError, toAwsError } from './aws-error.ts';
import type { Pace } from './pace.ts';

/** An answer in parts. The name of its token depends on the service. */
interface Page {
  readonly NextToken?: string | undefined;
  readonly nextToken?: string | undefined;
}

/**
 * Reads page after page, and keeps only what is wanted of each. Ctrl-C ends the reading after the
 * running request, because a large account has hundreds of pages.
 *
 * @param pace of the pages after the first. Default: as fast as AWS answers
 * @throws AwsError
 */
export async function readPages<P extends Page, Item>(
  action: string,
  pages: AsyncIterable<P>,
  itemsOf: (page: P) => readonly Item[],
  {
    interrupted,
    profile,
    pace,
  }: { readonly interrupted: AbortSignal; readonly profile?: string | undefined; readonly pace?: Pick<Pace, 'wait'> },
): Promise<Item[]> {
  const items: Item[] = [];
  try {
    for await (const page of pages) {
      items.push(...itemsOf(page));
      if ((page.NextToken ?? page.nextToken) !== undefined) {
        await pace?.wait();
        if (interrupted.aborted) {
          throw new AwsError('other', action, `${action} was interrupted.`, 'Repeat the command.');
        }
      }
    }
  } catch (error) {
    throw toAwsError(action, error, profile);
  }
  return items;
}

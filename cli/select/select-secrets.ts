import type { CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/failure.ts';
import { createProgressWriter } from '../terminal/progress.ts';
import { connectionFor } from '../terminal/read-options.ts';
import { type Selection, searchPlaces } from './search.ts';
import { hasCondition, hasRotatedSince, isSearch, type SelectionOptions } from './selection-options.ts';

/**
 * Selects secrets as `selectSecrets` does, and by their age, for a command that reads them only.
 *
 * @throws UsageError also if each such secret has rotated since --older-than, AwsError
 */
export async function searchSecrets(
  given: readonly string[],
  options: SelectionOptions,
  ports: Pick<CommandPorts, 'connectAws' | 'clock' | 'err'>,
): Promise<Selection> {
  if (given.length > 0 && options.olderThan !== undefined) {
    throw namedAndSearched();
  }
  if (given.length === 0) {
    createProgressWriter('search', options, ports)('listing the secrets of the account, and their functions');
  }
  const { selected, ...others } = await selectSecrets(given, options, ports);
  const now = ports.clock.now();
  const selection = {
    ...others,
    selected: selected.filter(({ secret }) => secret === undefined || !hasRotatedSince(secret, options.olderThan, now)),
  };
  checkFound(selection);
  return selection;
}

/** @throws UsageError if nothing was found */
function checkFound({ selected, skipped, unsearched }: Selection): void {
  if (selected.length + skipped.length + unsearched.length === 0) {
    throw new UsageError(
      'No secret meets the conditions.',
      'Correct the conditions, --profile or --region, or name secrets.',
    );
  }
}

function namedAndSearched(): UsageError {
  return new UsageError('Conditions search for secrets.', 'Leave out the names of secrets, or the conditions.');
}

/**
 * Selects the secrets of a command: the named ones, without a call to AWS, or all secrets that a
 * function of this product rotates, and that meet every condition but `--older-than`.
 *
 * @param given names or ARNs on the command line
 * @throws UsageError if there is no such secret, AwsError
 */
export async function selectSecrets(
  given: readonly string[],
  options: SelectionOptions,
  { connectAws }: Pick<CommandPorts, 'connectAws'>,
): Promise<Selection> {
  if (given.length > 0 && isSearch(options)) {
    throw namedAndSearched();
  }
  if (given.length > 0) {
    const selected = [...new Set(given)].map((secretId) => {
      const connection = connectionFor(secretId, options);
      return { secretId, aws: connectAws(connection), connection, secret: undefined };
    });
    return { selected, skipped: [], unsearched: [] };
  }
  if (!hasCondition(options)) {
    throw new UsageError(
      'No secret was named or selected.',
      'Name secrets, or select them with --all, --tag, --prefix, --rotated-by or --older-than.',
    );
  }
  if ((options.accounts === undefined) !== (options.role === undefined)) {
    throw new UsageError('--accounts and --role need each other.', 'Give both: --accounts 111122223333 --role NAME.');
  }
  const found = await searchPlaces(options, connectAws);
  checkFound(found);
  return found;
}

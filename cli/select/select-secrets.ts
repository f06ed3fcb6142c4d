import { mapConcurrently, READS_AT_A_TIME } from '../aws/map-concurrently.ts';
import type { CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { connectionFor, readFileOf } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { dateWithSeconds } from '../terminal/time.ts';
import { conditionsOf, hasCondition, hasRotatedSince } from './conditions.ts';
import { selectAt } from './endpoint-condition.ts';
import { searchPlaces } from './search.ts';
import { joinSelections, NOTHING_SELECTED, type SelectedSecret, type Selection } from './selection.ts';
import type { SelectionOptions } from './selection-options.ts';

/**
 * Selects secrets as `selectSecrets` does, and shows that a search runs.
 *
 * @throws UsageError if there is no such secret
 */
export async function searchSecrets(
  given: readonly string[],
  options: SelectionOptions,
  ports: CommandPorts,
): Promise<Selection> {
  const search = {
    title: 'search',
    doing: 'listing the secrets of the account, and their functions',
    run: async () => await selectSecrets(given, options, ports),
    succeeded: ({ selected }: Selection) => selected.length > 0,
    summarize: ({ selected }: Selection) => `${selected.length} selected`,
  };
  const selection = hasCondition(options, given) ? await runTask(search, options, ports) : await search.run();
  const { selected, skipped, unsearched } = selection;
  if (selected.length + skipped.length + unsearched.length === 0) {
    throw noSuchSecret();
  }
  return selection;
}

export function noSuchSecret(): UsageError {
  return new UsageError('No secret meets the conditions.', 'Correct the conditions, or name secrets.');
}

/**
 * Selects the secrets of a command. Without a condition, these are the named secrets, and AWS is
 * not called. With conditions, these are the named secrets, or all secrets that a function of this
 * product rotates, that meet every condition.
 *
 * @param given names or ARNs on the command line
 * @throws UsageError, AwsError
 */
export async function selectSecrets(
  given: readonly string[],
  options: SelectionOptions,
  { connectAws, clock, ...ports }: Pick<CommandPorts, 'connectAws' | 'readFile' | 'clock'>,
): Promise<Selection> {
  const named = [...new Set([...given, ...readSecretFile(options.file, ports)])];
  checkSelection(named, options);
  const areNamed = named.length > 0;
  const secrets = named.map((secretId): SelectedSecret => {
    return { secretId, aws: connectAws(connectionFor(secretId, options)), secret: undefined };
  });
  if (!hasCondition(options, named)) {
    return { ...NOTHING_SELECTED, selected: secrets };
  }
  const found = areNamed
    ? await mapConcurrently(secrets, READS_AT_A_TIME, async (secret) => await checkNamed(secret, options))
    : await searchPlaces(options, connectAws);
  const all = joinSelections(found);
  const { ofEndpoint } = options;
  const atEndpoint = ofEndpoint === undefined ? all : await selectAt(ofEndpoint, all, areNamed);
  return withoutRotatedSince(atEndpoint, options, clock.now(), areNamed);
}

function checkSelection(named: readonly string[], options: SelectionOptions): void {
  const areNamed = named.length > 0;
  if (!areNamed && !hasCondition(options, named)) {
    throw new UsageError(
      'No secret was named or selected.',
      'Name secrets, or select them with --all, --tag, --prefix, --rotated-by or --endpoint.',
    );
  }
  const { all, regions, profiles, accounts, role } = options;
  if ((accounts === undefined) !== (role === undefined)) {
    throw new UsageError('--accounts and --role need each other.', 'Give both: --accounts 111122223333 --role NAME.');
  }
  if (areNamed && (all === true || regions !== undefined || profiles !== undefined || accounts !== undefined)) {
    throw new UsageError(
      '--all, --regions, --profiles and --accounts search for secrets.',
      'Leave out the names of secrets.',
    );
  }
}

async function checkNamed(named: SelectedSecret, options: SelectionOptions): Promise<Selection> {
  const { secretId, aws } = named;
  const secret = await aws.rotation.describeSecret(secretId);
  const unmet = conditionsOf(options).find(({ holds }) => !holds(secret));
  return unmet === undefined
    ? { ...NOTHING_SELECTED, selected: [{ ...named, secret }] }
    : { ...NOTHING_SELECTED, skipped: [{ secretId, code: 'unmet-condition', reason: unmet.otherwise }] };
}

function withoutRotatedSince(all: Selection, options: SelectionOptions, now: number, areNamed: boolean): Selection {
  const { true: young = [], false: selected = [] } = Object.groupBy(all.selected, ({ secret }) =>
    String(secret !== undefined && hasRotatedSince(secret, options, now)),
  );
  if (!areNamed) {
    return { ...all, selected, rotatedSince: young.length };
  }
  const since = dateWithSeconds(options.olderThan?.startOf(now) ?? now);
  const reason = `Its last rotation is after ${since}.`;
  const skipped = young.map(({ secretId }) => ({ secretId, code: 'rotated-since', reason }) as const);
  return { ...all, selected, skipped: [...all.skipped, ...skipped] };
}

const EXPECTED_LINES = 'Write one name or ARN in each line.';

/** The names and ARNs in a file. @throws UsageError if it cannot be read or names no secret */
function readSecretFile(path: string | undefined, ports: Pick<CommandPorts, 'readFile'>): readonly string[] {
  if (path === undefined) {
    return [];
  }
  const secretIds = readFileOf('--file', path, ports)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  const wrong = secretIds.findIndex((secretId) => !/^[\w/+=.@:-]+$/.test(secretId));
  if (wrong !== -1) {
    // The line may be a credential that somebody put into the wrong file, so it is not shown.
    throw new UsageError(`--file ${path}: entry ${wrong + 1} is no name or ARN of a secret.`, EXPECTED_LINES);
  }
  if (secretIds.length === 0) {
    throw new UsageError(`--file ${path} names no secret.`, EXPECTED_LINES);
  }
  return secretIds;
}

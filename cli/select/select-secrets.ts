import type { AwsConnection } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { connectionFor } from '../terminal/read-options.ts';
import { runWithTitle } from '../terminal/run-task.ts';
import { conditionsOf, hasCondition } from './conditions.ts';
import { selectAt } from './endpoint-condition.ts';
import { type FunctionOwner, readOwnFunctions } from './own-functions.ts';
import { readSecretFile } from './secret-file.ts';
import type { SelectedSecret, Selection, SkippedSecret } from './selection.ts';
import type { SelectionOptions } from './selection-options.ts';

/** Selects secrets as `selectSecrets` does, and shows that a search runs. */
export async function searchSecrets(
  given: readonly string[],
  options: SelectionOptions,
  ports: CommandPorts,
): Promise<Selection> {
  const select = async (): Promise<Selection> => await selectSecrets(given, options, ports);
  if (!hasCondition(options, given)) {
    return await select();
  }
  const work = {
    title: 'search',
    doing: 'listing the secrets of the account, and their functions',
    summarize: ({ selected }: Selection) => `${selected.length} selected`,
  };
  return await runWithTitle(work, select, options, ports);
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
  ports: Pick<CommandPorts, 'connectAws' | 'readFile' | 'clock'>,
): Promise<Selection> {
  const named = [...new Set([...given, ...readSecretFile(options.file, ports)])];
  checkSelection(named, options);
  if (!hasCondition(options, named)) {
    const selected = named.map((secretId): SelectedSecret => {
      const connection = connectionFor(secretId, options);
      return { secretId, connection, aws: ports.connectAws(connection), secret: undefined };
    });
    return { selected, skipped: [], ofOtherProducts: 0 };
  }
  const found: Selection[] = await Promise.all(
    named.length > 0
      ? named.map(async (secretId) => await selectNamed(secretId, options, ports))
      : searchedConnections(options).map(async (connection) => await search(connection, options, ports)),
  );
  const all: Selection = {
    selected: found.flatMap((selection) => selection.selected),
    skipped: found.flatMap((selection) => selection.skipped),
    ofOtherProducts: found.reduce((sum, selection) => sum + selection.ofOtherProducts, 0),
  };
  const selection = options.ofEndpoint === undefined ? all : await selectAt(options.ofEndpoint, all, named.length > 0);
  if (selection.selected.length === 0 && selection.skipped.length === 0) {
    throw new UsageError('No secret meets the conditions.', 'Correct the conditions, or name secrets.');
  }
  return selection;
}

function checkSelection(named: readonly string[], options: SelectionOptions): void {
  if (named.length === 0 && !hasCondition(options, named)) {
    throw new UsageError(
      'No secret was named or selected.',
      'Name secrets, or select them with --all, --tag, --prefix, --rotated-by or --endpoint.',
    );
  }
  if (named.length > 0 && (options.all === true || options.regions !== undefined || options.profiles !== undefined)) {
    throw new UsageError('--all, --regions and --profiles search for secrets.', 'Leave out the names of secrets.');
  }
  if (named.length === 0 && options.region !== undefined && options.regions !== undefined) {
    throw new UsageError('--region and --regions contradict each other.', 'Give --regions alone.');
  }
  if (named.length === 0 && options.profile !== undefined && options.profiles !== undefined) {
    throw new UsageError('--profile and --profiles contradict each other.', 'Give --profiles alone.');
  }
}

function searchedConnections({ regions, profiles, region, profile }: SelectionOptions): readonly AwsConnection[] {
  return (profiles ?? [profile]).flatMap((eachProfile) =>
    (regions ?? [region]).map((eachRegion) => ({ region: eachRegion, profile: eachProfile })),
  );
}

async function selectNamed(
  secretId: string,
  options: SelectionOptions,
  ports: Pick<CommandPorts, 'connectAws' | 'clock'>,
): Promise<Selection> {
  const connection = connectionFor(secretId, options);
  const aws = ports.connectAws(connection);
  const secret = await aws.rotation.describeSecret(secretId);
  const unmet = conditionsOf(options, ports.clock.now()).find(({ holds }) => !holds(secret));
  return unmet === undefined
    ? { selected: [{ secretId, connection, aws, secret }], skipped: [], ofOtherProducts: 0 }
    : { selected: [], skipped: [{ secretId, code: 'unmet-condition', reason: unmet.otherwise }], ofOtherProducts: 0 };
}

function isAbsent(owner: FunctionOwner): boolean {
  return typeof owner === 'object' && owner.absent;
}

async function search(
  connection: AwsConnection,
  options: SelectionOptions,
  ports: Pick<CommandPorts, 'connectAws' | 'clock'>,
): Promise<Selection> {
  const aws = ports.connectAws(connection);
  const conditions = conditionsOf(options, ports.clock.now());
  const secrets = (await aws.rotation.listSecrets()).filter(
    (secret) => secret.rotationFunctionArn !== undefined && conditions.every(({ holds }) => holds(secret)),
  );
  const isOurs = options.rotatedBy === undefined ? await readOwnFunctions(secrets, aws) : undefined;
  const selected: SelectedSecret[] = [];
  const skipped: SkippedSecret[] = [];
  let ofOtherProducts = 0;
  for (const secret of secrets) {
    const { arn, rotationFunctionArn = '' } = secret;
    const answer = isOurs?.get(rotationFunctionArn) ?? 'ours';
    if (answer === 'ours' || (options.withAbsentFunctions && isAbsent(answer))) {
      selected.push({ secretId: arn, connection, aws, secret });
    } else if (answer === 'other') {
      ofOtherProducts += 1;
    } else {
      skipped.push({ secretId: arn, code: 'unknown-owner', reason: answer.unknown });
    }
  }
  return { selected, skipped, ofOtherProducts };
}

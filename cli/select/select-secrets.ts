import { ROTATED_SECRETS } from '../../secret/rotated-secrets.ts';
import type { Aws, AwsConnection, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { CommandPorts } from '../command-ports.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { UsageError } from '../usage-error.ts';
import { conditionsOf, hasCondition } from './conditions.ts';
import { readSecretFile } from './secret-file.ts';
import type { SelectionOptions } from './selection-options.ts';

export interface SelectedSecret {
  /** Name or ARN as given, or the ARN of a secret that was found. */
  readonly secretId: string;
  /** AWS in the account and region of the secret. */
  readonly aws: Aws;
  /** What AWS answered during the search. `undefined` if AWS was not asked. */
  readonly found: RotatingSecret | undefined;
}

/** A secret that meets the conditions and is left out. */
export interface SkippedSecret {
  readonly secretId: string;
  readonly reason: string;
}

export interface Selection {
  readonly selected: readonly SelectedSecret[];
  readonly skipped: readonly SkippedSecret[];
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
  if (!hasCondition(options)) {
    return {
      selected: named.map((secretId) => ({ secretId, aws: connectAwsFor(secretId, options, ports), found: undefined })),
      skipped: [],
    };
  }
  const found: Selection[] = await Promise.all(
    named.length > 0
      ? named.map(async (secretId) => await selectNamed(secretId, options, ports))
      : searchedConnections(options).map(async (connection) => await search(connection, options, ports)),
  );
  const selected = found.flatMap((selection) => selection.selected);
  const skipped = found.flatMap((selection) => selection.skipped);
  if (selected.length === 0 && skipped.length === 0) {
    throw new UsageError('No secret meets the conditions. Correct the conditions, or name secrets.');
  }
  return { selected, skipped };
}

function checkSelection(named: readonly string[], options: SelectionOptions): void {
  if (named.length === 0 && !hasCondition(options)) {
    throw new UsageError(
      'There is no secret. Name secrets, or select them with --all, --tag, --prefix or --rotated-by.',
    );
  }
  if (named.length > 0 && (options.all === true || options.regions !== undefined || options.profiles !== undefined)) {
    throw new UsageError('--all, --regions and --profiles search for secrets. Leave out the names of secrets.');
  }
  if (named.length === 0 && options.region !== undefined && options.regions !== undefined) {
    throw new UsageError('--region and --regions contradict each other. Give --regions alone.');
  }
  if (named.length === 0 && options.profile !== undefined && options.profiles !== undefined) {
    throw new UsageError('--profile and --profiles contradict each other. Give --profiles alone.');
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
  const aws = connectAwsFor(secretId, options, ports);
  const secret = await aws.rotation.describeSecret(secretId);
  const unmet = conditionsOf(options, ports.clock.now()).find(({ holds }) => !holds(secret));
  return unmet === undefined
    ? { selected: [{ secretId, aws, found: secret }], skipped: [] }
    : { selected: [], skipped: [{ secretId, reason: unmet.otherwise }] };
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
  for (const secret of secrets) {
    const { arn, rotationFunctionArn = '' } = secret;
    const answer = isOurs?.get(rotationFunctionArn) ?? 'ours';
    if (answer === 'ours') {
      selected.push({ secretId: arn, aws, found: secret });
    } else if (answer !== 'other') {
      skipped.push({ secretId: arn, reason: answer.unknown });
    }
  }
  return { selected, skipped };
}

type FunctionOwner = 'ours' | 'other' | { readonly unknown: string };

/**
 * Reads which functions of the account are of this product, by their environment. The command
 * must never start a rotation of another product's secret.
 */
async function readOwnFunctions(
  secrets: readonly RotatingSecret[],
  aws: Aws,
): Promise<ReadonlyMap<string, FunctionOwner>> {
  const arns = new Set(secrets.map(({ rotationFunctionArn = '' }) => rotationFunctionArn));
  const owners = new Map<string, FunctionOwner>();
  await Promise.all([...arns].map(async (arn) => owners.set(arn, await ownerOf(arn, aws))));
  return owners;
}

async function ownerOf(functionArn: string, aws: Aws): Promise<FunctionOwner> {
  try {
    return ROTATED_SECRETS in (await aws.functionEnvironment(functionArn)) ? 'ours' : 'other';
  } catch (error) {
    if (!(error instanceof AwsError)) {
      throw error;
    }
    return {
      unknown: `It is not known whether ${functionArn} is a function of this product. ${error.message} To trust the function, give --rotated-by.`,
    };
  }
}

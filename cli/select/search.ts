import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws, AwsConnection, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../aws/map-concurrently.ts';
import { memoize } from '../aws/memoize.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { SkippedSecret, UnsearchedPlace } from '../json-schema-parts.ts';
import { catchKnown, type Explanation } from '../outcome/failure.ts';
import { withPlace } from '../terminal/advised-commands.ts';
import { meetsConditions, type SelectionOptions } from './selection-options.ts';

export interface SelectedSecret {
  /** Name or ARN as given, or the ARN of a secret that was found. */
  readonly secretId: string;
  readonly aws: Aws;
  readonly connection: AwsConnection;
  /** `undefined` if somebody named the secret, so that it was not read yet. */
  readonly secret: RotatingSecret | undefined;
}

export interface Selection {
  readonly selected: SelectedSecret[];
  readonly skipped: SkippedSecret[];
  /** The places that could not be searched. The other places were. */
  readonly unsearched: UnsearchedPlace[];
}

/**
 * Searches every account and region of the options. A place that fails does not hide the others.
 *
 * @throws AwsError if the only place fails
 */
export async function searchPlaces(
  options: SelectionOptions,
  connectAws: CommandPorts['connectAws'],
): Promise<Selection> {
  const places = placesOf(options);
  const parts = await mapConcurrently(places, MAX_CONCURRENT_READS, async (place): Promise<Partial<Selection>> => {
    const searched = search(place, options, connectAws);
    const found = places.length === 1 ? await searched : await catchKnown(searched, AwsError);
    return found instanceof AwsError
      ? { unsearched: [{ place: nameOf(place), ...explainedAt(explainAwsError(found), place) }] }
      : found;
  });
  return joinParts(parts);
}

function joinParts(parts: readonly Partial<Selection>[]): Selection {
  return {
    selected: parts.flatMap(({ selected = [] }) => selected),
    skipped: parts.flatMap(({ skipped = [] }) => skipped),
    unsearched: parts.flatMap(({ unsearched = [] }) => unsearched),
  };
}

function placesOf(options: SelectionOptions): readonly AwsConnection[] {
  const { regions, profiles, accounts, region, profile, role: name = '' } = options;
  const identities: readonly Omit<AwsConnection, 'region'>[] =
    accounts?.map((account) => ({ profile, role: { account, name } })) ??
    (profiles ?? [profile]).map((each) => ({ profile: each }));
  return identities.flatMap((identity) => (regions ?? [region]).map((each) => ({ ...identity, region: each })));
}

/**
 * Adds the place of a secret to the commands that an explanation advises. Only the command assumes
 * the role of an account, so a person needs a profile of that account.
 */
export function explainedAt<E extends Explanation>(explanation: E, { region, profile, role }: AwsConnection): E {
  const place = { region, profile: role ? `PROFILE-OF-${role.account}` : profile };
  const { message, advice } = explanation;
  return { ...explanation, message: withPlace(message, place), advice: withPlace(advice, place) };
}

/** `account 111122223333, us-east-1`, or `profile staging, us-east-1` */
function nameOf({ region, profile, role }: AwsConnection): string {
  return [role ? `account ${role.account}` : profile && `profile ${profile}`, region].filter(Boolean).join(', ');
}

/**
 * Finds the secrets of one account and region that a function of this product rotates, and that
 * meet the conditions. The command must never start a rotation of another product's secret.
 */
async function search(
  connection: AwsConnection,
  options: SelectionOptions,
  connectAws: CommandPorts['connectAws'],
): Promise<Selection> {
  const aws = connectAws(connection);
  const readEnvironment = memoize(async (arn: string) => {
    const read = async () => (await aws.readFunction(arn)).environment();
    return await catchKnown(read(), AwsError);
  });
  const secrets = (await aws.rotation.listSecrets()).filter((secret) => meetsConditions(secret, options));
  const parts = await mapConcurrently(secrets, MAX_CONCURRENT_READS, async (secret): Promise<Partial<Selection>> => {
    const { rotationFunctionArn: functionArn, arn: secretId } = secret;
    const found = { selected: [{ secretId, aws, connection, secret }] };
    // Whoever names the function trusts it.
    if (functionArn === undefined || options.rotatedBy !== undefined) {
      return functionArn === undefined ? {} : found;
    }
    // The environment of a function shows whether it is of this product.
    const environment = await readEnvironment(functionArn);
    if (!(environment instanceof AwsError)) {
      return ROTATED_SECRETS in environment ? found : {};
    }
    const isAbsent = environment.kind === 'not-found';
    const why = isAbsent ? 'The function does not exist.' : environment.message;
    const unknown = {
      code: 'unknown-owner',
      message: `It is not known whether ${functionArn} is a function of this product. ${why}`,
      advice: 'To trust the function, give --rotated-by.',
    };
    return isAbsent && options.withAbsentFunctions ? found : { skipped: [{ secretId, ...unknown }] };
  });
  return joinParts(parts);
}

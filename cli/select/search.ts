import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws, AwsConnection, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../aws/map-concurrently.ts';
import { memoize } from '../aws/memoize.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { SkippedSecret, UnsearchedPlace } from '../json-schema-parts.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Explanation } from '../outcome/failure.ts';
import { meetsConditions } from './conditions.ts';
import type { SelectionOptions } from './selection-options.ts';

export interface SelectedSecret {
  /** Name or ARN as given, or the ARN of a secret that was found. */
  readonly secretId: string;
  readonly aws: Aws;
  /** `undefined` if somebody named the secret, so that it was not read yet. */
  readonly secret: RotatingSecret | undefined;
}

export interface Selection {
  readonly selected: SelectedSecret[];
  readonly skipped: SkippedSecret[];
  /** The places that could not be searched. The other places were. */
  readonly unsearched: UnsearchedPlace[];
  /** How many found secrets meet every condition but `--older-than`. */
  readonly rotatedSince: number;
}

type Found = Omit<Selection, 'rotatedSince'>;

/**
 * Searches every account and region of the options. A place that fails does not hide the others.
 *
 * @throws AwsError if the only place fails
 */
export async function searchPlaces(options: SelectionOptions, connectAws: CommandPorts['connectAws']): Promise<Found> {
  const places = placesOf(options);
  const parts = await mapConcurrently(places, MAX_CONCURRENT_READS, async (place): Promise<Found> => {
    const searched = search(connectAws(place), options);
    const found = places.length === 1 ? await searched : await catchKnown(searched, AwsError);
    return found instanceof AwsError
      ? { selected: [], skipped: [], unsearched: [{ place: nameOf(place), ...explainAwsError(found) }] }
      : found;
  });
  return {
    selected: parts.flatMap(({ selected }) => selected),
    skipped: parts.flatMap(({ skipped }) => skipped),
    unsearched: parts.flatMap(({ unsearched }) => unsearched),
  };
}

function placesOf(options: SelectionOptions): readonly AwsConnection[] {
  const { regions, profiles, accounts, region, profile, role: name = '' } = options;
  const identities: readonly Omit<AwsConnection, 'region'>[] =
    accounts?.map((account) => ({ profile, role: { account, name } })) ??
    (profiles ?? [profile]).map((each) => ({ profile: each }));
  return identities.flatMap((identity) => (regions ?? [region]).map((each) => ({ ...identity, region: each })));
}

/** `account 111122223333, us-east-1`, or `profile staging, us-east-1` */
function nameOf({ region, profile, role }: AwsConnection): string {
  return [role ? `account ${role.account}` : profile && `profile ${profile}`, region].filter(Boolean).join(', ');
}

/**
 * Finds the secrets of one account and region that a function of this product rotates, and that
 * meet the conditions. The command must never start a rotation of another product's secret.
 */
async function search(aws: Aws, options: SelectionOptions): Promise<Found> {
  const found: Found = { selected: [], skipped: [], unsearched: [] };
  const ownerOf = memoize(async (functionArn: string) => await readOwner(functionArn, aws));
  const secrets = (await aws.rotation.listSecrets()).filter((secret) => meetsConditions(secret, options));
  const owners = await mapConcurrently(secrets, MAX_CONCURRENT_READS, async ({ rotationFunctionArn: functionArn }) => {
    // Whoever names the function trusts it.
    const isNamed = options.rotatedBy !== undefined;
    return functionArn === undefined ? 'other' : isNamed ? 'ours' : await ownerOf(functionArn);
  });
  for (const [index, secret] of secrets.entries()) {
    const { arn: secretId } = secret;
    const owner = owners[index] ?? 'other';
    if (owner === 'ours' || (owner !== 'other' && options.withAbsentFunctions && owner.isAbsent)) {
      found.selected.push({ secretId, aws, secret });
    } else if (owner !== 'other') {
      found.skipped.push({ secretId, ...owner.unknown });
    }
  }
  return found;
}

/** `isAbsent`: the function does not exist, so nobody can tell whose it was. */
type FunctionOwner = 'ours' | 'other' | { readonly unknown: Explanation; readonly isAbsent: boolean };

/** The environment of a function shows whether it is of this product. */
async function readOwner(functionArn: string, aws: Aws): Promise<FunctionOwner> {
  const environment = await catchKnown(aws.functionEnvironment(functionArn), AwsError);
  if (!(environment instanceof AwsError)) {
    return ROTATED_SECRETS in environment ? 'ours' : 'other';
  }
  const isAbsent = environment.kind === 'not-found';
  const why = isAbsent ? 'The function does not exist.' : environment.message;
  return {
    unknown: {
      code: 'unknown-owner',
      message: `It is not known whether ${functionArn} is a function of this product. ${why}`,
      advice: 'To trust the function, give --rotated-by.',
    },
    isAbsent,
  };
}

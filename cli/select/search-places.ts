import type { AwsConnection } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { mapConcurrently, READS_AT_A_TIME } from '../aws/map-concurrently.ts';
import type { CommandPorts } from '../command-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { search } from './search.ts';
import { NOTHING_SELECTED, type Selection } from './selection.ts';
import type { SelectionOptions } from './selection-options.ts';

/**
 * Searches every account and region of the options. A place that fails does not hide the others.
 *
 * @throws AwsError if the only place fails
 */
export async function searchPlaces(
  options: SelectionOptions,
  connectAws: CommandPorts['connectAws'],
): Promise<readonly Selection[]> {
  const places = placesOf(options);
  return await mapConcurrently(places, READS_AT_A_TIME, async (place) => {
    const searched = search(connectAws(place), options);
    const found = places.length === 1 ? await searched : await catchKnown(searched, AwsError);
    return found instanceof AwsError
      ? { ...NOTHING_SELECTED, unsearched: [{ place: nameOf(place), ...explainAwsError(found) }] }
      : found;
  });
}

function placesOf(options: SelectionOptions): readonly AwsConnection[] {
  const { regions, profiles, accounts, region, profile, role: name = '' } = options;
  const identities =
    accounts?.map((account) => ({ profile, role: { account, name } })) ??
    (profiles ?? [profile]).map((each) => ({ profile: each }));
  return identities.flatMap((identity) => (regions ?? [region]).map((each) => ({ ...identity, region: each })));
}

/** `account 111122223333, us-east-1`, or `profile ops, us-east-1` */
function nameOf({ region, profile, role }: AwsConnection): string {
  const identity = role === undefined ? profile && `profile ${profile}` : `account ${role.account}`;
  return [identity, region].filter(Boolean).join(', ');
}

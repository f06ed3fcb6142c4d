import { accountAndRegionOf } from '../../protocol/secret/rotated-secrets.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Aws } from './aws.ts';
import { AwsError } from './aws-error.ts';

/** The account and the region of a secret, for a line of text. */
export function placeText(secretArn: string): string {
  const { account, region } = accountAndRegionOf(secretArn);
  return `account ${account}, ${region}`;
}

/** The account and the region in use. `undefined` if AWS does not tell. */
export async function readPlace(aws: Aws): Promise<string | undefined> {
  const identity = await catchKnown((await aws.inspect()).callerIdentity(), AwsError);
  return identity instanceof AwsError ? undefined : `account ${identity.account}, ${identity.region}`;
}

import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import { catchKnown } from '../outcome/failure.ts';
import type { Aws, RotatingSecret } from './aws.ts';
import { AwsError } from './aws-error.ts';

/** The account and the region of a secret or a function, for a line of text. */
export function placeText(arn: string): string {
  return placeName(accountAndRegionOf(arn));
}

/** @param place such as the identity of the caller */
export function placeName({ account, region }: { readonly account: string; readonly region: string }): string {
  return `account ${account}, ${region}`;
}

/** The account and the region in use. `undefined` if AWS does not tell. */
export async function readPlace(aws: Aws): Promise<string | undefined> {
  const identity = await catchKnown((await aws.inspect()).callerIdentity(), AwsError);
  return identity instanceof AwsError ? undefined : placeName(identity);
}

/**
 * @throws AwsError. If there is no such secret, the error names the account and the region in use
 */
export async function describeSecret(secretId: string, aws: Aws): Promise<RotatingSecret> {
  const secret = await catchKnown(aws.rotation.describeSecret(secretId), AwsError);
  if (!(secret instanceof AwsError)) {
    return secret;
  }
  const place = secret.kind === 'not-found' ? await readPlace(aws) : undefined;
  throw place === undefined
    ? secret
    : new AwsError(secret.kind, secret.action, `${secret.message} The command uses ${place}.`, secret.advice);
}

import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';

/** `absent`: the function does not exist, so nobody can tell whose it was. */
export type FunctionOwner = 'ours' | 'other' | { readonly unknown: string; readonly absent: boolean };

/**
 * Reads which functions of the account are of this product, by their environment. The command
 * must never start a rotation of another product's secret.
 */
export async function readOwnFunctions(
  secrets: readonly RotatingSecret[],
  aws: Aws,
): Promise<ReadonlyMap<string, FunctionOwner>> {
  const arns = new Set(secrets.map(({ rotationFunctionArn = '' }) => rotationFunctionArn));
  const owners = new Map<string, FunctionOwner>();
  await Promise.all([...arns].map(async (arn) => owners.set(arn, await readOwner(arn, aws))));
  return owners;
}

async function readOwner(functionArn: string, aws: Aws): Promise<FunctionOwner> {
  const environment = await catchKnown(aws.functionEnvironment(functionArn), AwsError);
  if (!(environment instanceof AwsError)) {
    return ROTATED_SECRETS in environment ? 'ours' : 'other';
  }
  const absent = environment.kind === 'not-found';
  const why = absent ? 'The function does not exist.' : environment.message;
  return {
    unknown: `It is not known whether ${functionArn} is a function of this product. ${why} ${'To trust the function, give --rotated-by.'}`,
    absent,
  };
}

import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { conditionsOf } from './conditions.ts';
import { NOTHING_SELECTED, type SelectedSecret, type Selection, type SkippedSecret } from './selection.ts';
import type { SelectionOptions } from './selection-options.ts';

/**
 * Finds the secrets of one account and region that a function of this product rotates, and that
 * meet the conditions. The command must never start a rotation of another product's secret.
 */
export async function search(aws: Aws, options: SelectionOptions): Promise<Selection> {
  const conditions = conditionsOf(options);
  const secrets = (await aws.rotation.listSecrets()).filter(
    (secret) => secret.rotationFunctionArn !== undefined && conditions.every(({ holds }) => holds(secret)),
  );
  const functions = new Set(secrets.map(({ rotationFunctionArn = '' }) => rotationFunctionArn));
  // Whoever names the function trusts it.
  const owners = new Map(
    options.rotatedBy !== undefined
      ? []
      : await Promise.all([...functions].map(async (arn) => [arn, await readOwner(arn, aws)] as const)),
  );
  const selected: SelectedSecret[] = [];
  const skipped: SkippedSecret[] = [];
  let ofOtherProducts = 0;
  for (const secret of secrets) {
    const { arn: secretId, rotationFunctionArn = '' } = secret;
    const owner = owners.get(rotationFunctionArn) ?? 'ours';
    if (owner === 'other') {
      ofOtherProducts += 1;
    } else if (owner === 'ours' || (options.withAbsentFunctions && owner.isAbsent)) {
      selected.push({ secretId, aws, secret });
    } else {
      skipped.push({ secretId, code: 'unknown-owner', reason: owner.unknown });
    }
  }
  return { ...NOTHING_SELECTED, selected, skipped, ofOtherProducts };
}

/** `isAbsent`: the function does not exist, so nobody can tell whose it was. */
type FunctionOwner = 'ours' | 'other' | { readonly unknown: string; readonly isAbsent: boolean };

/** The environment of a function shows whether it is of this product. */
async function readOwner(functionArn: string, aws: Aws): Promise<FunctionOwner> {
  const environment = await catchKnown(aws.functionEnvironment(functionArn), AwsError);
  if (!(environment instanceof AwsError)) {
    return ROTATED_SECRETS in environment ? 'ours' : 'other';
  }
  const isAbsent = environment.kind === 'not-found';
  const why = isAbsent ? 'The function does not exist.' : environment.message;
  return {
    unknown: `It is not known whether ${functionArn} is a function of this product. ${why} To trust the function, give --rotated-by.`,
    isAbsent,
  };
}

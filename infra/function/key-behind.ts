import type { IAlias, IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { RotationPropsError } from '../errors.ts';

/**
 * The key itself, also of an alias. IAM compares the ARN of the key that is used with the resources of a statement, so one that names an
 * alias permits nothing.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 * @returns undefined for AWS's own key, which needs no permission.
 * @throws RotationPropsError for an alias of which nobody knows at synth what it stands for.
 */
export function keyBehind(scope: IConstruct, key: IKey): IKey | undefined {
  const known = targetOf(key) ?? key;
  if (known.keyArn.endsWith(':alias/aws/secretsmanager')) {
    return undefined;
  }
  if (known.keyArn.includes(':alias/')) {
    throw new RotationPropsError(
      scope,
      `The key is known by its alias alone (${known.keyArn.split(':').pop()}), and IAM permits the use of a key by its own ARN only. Give Key.fromKeyArn(scope, id, 'arn:aws:kms:REGION:ACCOUNT:key/ID').`,
    );
  }
  return known;
}

function targetOf(key: IKey): IKey | undefined {
  try {
    return (key as Partial<IAlias>).aliasTargetKey;
  } catch {
    // CDK's answer to the question for an alias that was imported by its name.
    return undefined;
  }
}

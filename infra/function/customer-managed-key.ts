import { Aws } from 'aws-cdk-lib';
import type { IAlias, IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { RotationPropsError } from '../rules/check-props.ts';

/** What a caller of Secrets Manager needs to read a value under a customer managed key. */
export const READ_KEY_ACTIONS: readonly string[] = ['kms:Decrypt'];

/**
 * The KMS actions that a caller of Secrets Manager needs to read and store values under a
 * customer managed key.
 */
export const KEY_ACTIONS: readonly string[] = [...READ_KEY_ACTIONS, 'kms:GenerateDataKey'];

/**
 * Conditions that allow the use of a key only through Secrets Manager and only for these secrets.
 */
export function viaSecretsManager(secretArns: string | string[]): Record<string, unknown> {
  return {
    StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.${Aws.URL_SUFFIX}` },
    StringLike: { 'kms:EncryptionContext:SecretARN': secretArns },
  };
}

/**
 * The key that a policy statement must name. An alias is replaced by its target key, because IAM
 * compares the ARN of the key, not of the alias, with the resources of a statement.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 * @returns undefined for the AWS managed key, which needs no permission.
 * @throws RotationPropsError if the target key of an alias is unknown at synth.
 */
export function customerManagedKey(scope: IConstruct, key: IKey): IKey | undefined {
  const target = targetKey(key) ?? key;
  if (target.keyArn.endsWith(':alias/aws/secretsmanager')) {
    return undefined;
  }
  if (target.keyArn.includes(':alias/')) {
    throw new RotationPropsError(
      scope,
      `The target key of ${target.keyArn.split(':').pop()} is unknown at synth. ` +
        'IAM policies must name the key, not its alias. ' +
        "Give Key.fromKeyArn(scope, id, 'arn:aws:kms:REGION:ACCOUNT:key/ID').",
    );
  }
  return target;
}

function targetKey(key: IKey): IKey | undefined {
  try {
    return (key as Partial<IAlias>).aliasTargetKey;
  } catch {
    // CDK throws if the alias was imported by name.
    return undefined;
  }
}

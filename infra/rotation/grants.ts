import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { customerManagedKey, READ_KEY_ACTIONS, viaSecretsManager } from '../function/customer-managed-key.ts';
import { arnPattern } from '../function/secret-permissions.ts';
import { GRANTEE } from '../rules/cdk-fields.ts';
import { CheckedProps } from '../rules/checked-props.ts';

/** The stages whose passwords the cluster accepts, before and after it has changed. */
const STAGES: readonly string[] = ['AWSCURRENT', 'AWSPENDING'];

export interface GrantConsumeProps {
  readonly secret: ISecret;
  /** @default - `secret.encryptionKey`, or the AWS managed key */
  readonly encryptionKey?: IKey | undefined;
}

export interface GrantRotateProps extends GrantConsumeProps {
  /** The function that rotates the secret. AWS requires its permission from the caller too. */
  readonly functionArn: string;
}

/**
 * Allows an application to read the credential and the date of the next rotation. CDK's
 * `grantRead` with stages would deny DescribeSecret, because its condition applies to that action
 * too.
 */
export function grantConsume(
  scope: IConstruct,
  grantee: IGrantable,
  { secret, encryptionKey = secret.encryptionKey }: GrantConsumeProps,
): Grant {
  new CheckedProps(scope).props({ grantee }, { grantee: GRANTEE });
  const arn = arnPattern(secret);
  const value = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: [arn],
    conditions: { StringEquals: { 'secretsmanager:VersionStage': [...STAGES] } },
  });
  const schedule = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:DescribeSecret'],
    resourceArns: [arn],
  });
  return withKey(scope, value.combine(schedule), { grantee, arn, encryptionKey });
}

/**
 * Allows a caller to rotate the secret and to log in with the new version. The command reads the
 * version by its id, so this statement has no condition on the stage.
 */
export function grantRotate(
  scope: IConstruct,
  grantee: IGrantable,
  { secret, encryptionKey = secret.encryptionKey, functionArn }: GrantRotateProps,
): Grant {
  new CheckedProps(scope).props({ grantee }, { grantee: GRANTEE });
  const arn = arnPattern(secret);
  const rotation = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:RotateSecret', 'secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    resourceArns: [arn],
  });
  const invocation = Grant.addToPrincipal({
    grantee,
    actions: ['lambda:InvokeFunction'],
    resourceArns: [functionArn],
  });
  return withKey(scope, rotation.combine(invocation), { grantee, arn, encryptionKey });
}

/** Adds the permission to decrypt values under a customer managed key. */
function withKey(
  scope: IConstruct,
  grant: Grant,
  {
    grantee,
    arn,
    encryptionKey,
  }: { readonly grantee: IGrantable; readonly arn: string; readonly encryptionKey: IKey | undefined },
): Grant {
  const key = encryptionKey && customerManagedKey(scope, encryptionKey);
  return key === undefined
    ? grant
    : grant.combine(
        Grant.addToPrincipal({
          grantee,
          actions: [...READ_KEY_ACTIONS],
          resourceArns: [key.keyArn],
          conditions: viaSecretsManager(arn) as Record<string, Record<string, unknown>>,
        }),
      );
}

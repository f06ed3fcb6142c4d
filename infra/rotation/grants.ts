import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { customerManagedKey, READ_KEY_ACTIONS, viaSecretsManager } from '../function/customer-managed-key.ts';
import { arnPattern } from '../function/secret-permissions.ts';

/** The stages whose passwords the cluster accepts, before and after it has changed. */
const STAGES: readonly string[] = ['AWSCURRENT', 'AWSPENDING'];

export interface GrantConsumeProps {
  readonly secret: ISecret;
  /** @default - `secret.encryptionKey`, or the AWS managed key */
  readonly encryptionKey?: IKey | undefined;
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
  const key = encryptionKey && customerManagedKey(scope, encryptionKey);
  const grant = value.combine(schedule);
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

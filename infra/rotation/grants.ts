import { Grant, type GrantOnPrincipalOptions, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { customerManagedKey, READ_KEY_ACTIONS, viaSecretsManager } from '../function/customer-managed-key.ts';
import { arnPattern } from '../function/secret-names.ts';

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
export function grantConsume(scope: IConstruct, grantee: IGrantable, props: GrantConsumeProps): Grant {
  // The cluster accepts one of the first two, before and after a change of the password. A proxy
  // that learns late of the change still accepts AWSPREVIOUS.
  const stages = { StringEquals: { 'secretsmanager:VersionStage': ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'] } };
  return grant(scope, grantee, props, [
    { actions: ['secretsmanager:GetSecretValue'], conditions: stages },
    { actions: ['secretsmanager:DescribeSecret'] },
  ]);
}

/**
 * Allows a caller to rotate the secret and to log in with the new version. RotateSecret can also
 * change the schedule and the function, which the caller must not. The command reads the version by
 * its id, so this statement has no condition on the stage.
 * @see
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
 */
export function grantRotate(scope: IConstruct, grantee: IGrantable, props: GrantRotateProps): Grant {
  return grant(scope, grantee, props, [
    {
      actions: ['secretsmanager:RotateSecret'],
      // AWS does not say whether a request without rules and function has the keys. So an absent
      // key must not deny.
      conditions: {
        BoolIfExists: { 'secretsmanager:ModifyRotationRules': 'false' },
        ArnEqualsIfExists: { 'secretsmanager:RotationLambdaARN': props.functionArn },
      },
    },
    { actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'] },
    { actions: ['lambda:InvokeFunction'], resourceArns: [props.functionArn] },
  ]);
}

type Statement = Pick<GrantOnPrincipalOptions, 'actions' | 'conditions'> & { readonly resourceArns?: string[] };

/** Grants actions on the secret, and the decryption of its values under a customer managed key. */
function grant(
  scope: IConstruct,
  grantee: IGrantable,
  { secret, encryptionKey = secret.encryptionKey }: GrantConsumeProps,
  statements: readonly Statement[],
): Grant {
  const arn = arnPattern(secret);
  const key = encryptionKey && customerManagedKey(scope, encryptionKey);
  const conditions = viaSecretsManager(arn) as Record<string, Record<string, unknown>>;
  return [...statements, ...(key ? [{ actions: [...READ_KEY_ACTIONS], resourceArns: [key.keyArn], conditions }] : [])]
    .map((statement) => Grant.addToPrincipal({ grantee, resourceArns: [arn], ...statement }))
    .reduce((all, next) => all.combine(next));
}

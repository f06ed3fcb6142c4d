// Roles and users of a test, whose permissions are only the given statements.
import { randomUUID } from 'node:crypto';
import { IAM } from '@aws-sdk/client-iam';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { present } from './local-aws.ts';

export interface Statement {
  readonly Effect?: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** A policy of these statements. @default Allow, on every resource */
export function policyOf(statements: readonly Statement[]): string {
  const Statement = statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** Creates a role for functions. @returns its ARN */
export async function createRole(config: AwsOptions, statements: readonly Statement[]): Promise<string> {
  const iam = new IAM(config);
  const RoleName = `role-${randomUUID()}`;
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument });
  if (statements.length > 0) {
    await iam.putRolePolicy({ RoleName, PolicyName: 'own', PolicyDocument: policyOf(statements) });
  }
  return present(Role?.Arn);
}

/** Creates a user. @returns client options, ARN */
export async function createUser(
  config: AwsOptions,
  statements: readonly Statement[],
): Promise<AwsOptions & { readonly userArn: string }> {
  const iam = new IAM(config);
  const UserName = `user-${randomUUID()}`;
  const { User } = await iam.createUser({ UserName });
  if (statements.length > 0) {
    await iam.putUserPolicy({ UserName, PolicyName: 'own', PolicyDocument: policyOf(statements) });
  }
  const { AccessKey } = await iam.createAccessKey({ UserName });
  const credentials = {
    accessKeyId: present(AccessKey?.AccessKeyId),
    secretAccessKey: present(AccessKey?.SecretAccessKey),
  };
  return { ...config, credentials, userArn: present(User?.Arn) };
}

// Users of a test, whose permissions are only the given statements.
import { randomUUID } from 'node:crypto';
import { IAM } from '@aws-sdk/client-iam';
import { STS } from '@aws-sdk/client-sts';
import type { AwsOptions } from '../../../local/cloud/access.ts';

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

/** Creates a user. @returns client options */
export async function createUser(config: AwsOptions, statements: readonly Statement[]): Promise<AwsOptions> {
  const iam = new IAM(config);
  const UserName = `user-${randomUUID()}`;
  await iam.createUser({ UserName });
  await iam.putUserPolicy({ UserName, PolicyName: 'own', PolicyDocument: policyOf(statements) });
  const { AccessKey } = await iam.createAccessKey({ UserName });
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {};
  return { ...config, credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } };
}

/** Assumes a role. @returns client options */
export async function assumeRole(config: AwsOptions, RoleArn: string): Promise<AwsOptions> {
  const { Credentials } = await new STS(config).assumeRole({ RoleArn, RoleSessionName: 'test' });
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { ...config, credentials };
}

import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { type FieldsOf, keyArn, list, map, optional, removalPolicy, text } from '../../rules/fields.ts';
import { FUNCTION_FIELDS, type FunctionSettings } from '../../rules/function-settings.ts';
import { secretArn } from '../../rules/secret-arn.ts';
import { TIMEOUT_SECONDS } from '../../rules/shared-fields.ts';
import { type VpcConfiguration, vpcSchema } from './vpc-schema.ts';

export interface FunctionConfiguration extends FunctionSettings {
  readonly caFile?: string;
  readonly adminSecretArn?: string;
  readonly adminSecretKmsKeyArn?: string;
  readonly secretKmsKeyArns?: readonly string[];
  readonly vpc?: VpcConfiguration;
  /** In seconds. */
  readonly timeout?: number;
  readonly architecture?: 'arm64' | 'x86_64';
  readonly permissionsBoundaryArn?: string;
  readonly logRetentionDays?: number;
  readonly logKmsKeyArn?: string;
  readonly logRemovalPolicy?: 'retain' | 'destroy';
}

/** The retention periods of CloudWatch Logs, except "never expire". */
const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const fields: FieldsOf<FunctionConfiguration> = {
  ...FUNCTION_FIELDS,
  caFile: optional(
    z.string({ error: 'Write the path of a PEM file, relative to this file.' }),
    'PEM file of the private authority that signed the certificate of the cluster. The path is relative to this file. Default: the public authorities.',
  ),
  adminSecretArn: optional(
    secretArn(),
    'A secret with the credential of a cluster admin: JSON `{"endpoint", "username", "password"}` or `{"endpoint", "apiKey"}`. The function only reads it, and only if no stored password is in force. It resets only a user that the configuration pins by `endpoint` and `username`. Not with `stacks`, which pins no user. Default: none.',
  ),
  adminSecretKmsKeyArn: optional(
    keyArn(),
    'Customer managed key of the admin secret. Default: the key `aws/secretsmanager`.',
  ),
  secretKmsKeyArns: optional(
    list(
      keyArn(),
      'Write a list of ARNs of KMS keys.',
      'An empty list permits no KMS key. Write an ARN, or remove the list to use the key aws/secretsmanager.',
    ),
    'Customer managed keys of secrets below `secretNamePrefix`, in addition to `defaults.kmsKeyArn`. With `stacks`, a secret may use only these keys and `defaults.kmsKeyArn`. Default: none.',
  ),
  vpc: optional(
    vpcSchema,
    'Network of the function. From there it must reach Secrets Manager and the cluster. Default: outside of any VPC.',
  ),
  timeout: optional(TIMEOUT_SECONDS, 'Seconds for one step of a rotation. Default: `60`.'),
  architecture: optional(
    z.enum(['arm64', 'x86_64'], { error: 'Write arm64 or x86_64.' }),
    'Processor architecture of the function and of the overdue check. Default: `arm64`.',
  ),
  permissionsBoundaryArn: optional(
    text(
      /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
      'Write the ARN of a managed policy: arn:aws:iam::ACCOUNT:policy/NAME.',
    ),
    'Managed policy that limits the permissions of every role in these stacks. Default: none.',
  ),
  logRetentionDays: optional(
    z.literal(LOG_RETENTION_DAYS, { error: `CloudWatch Logs keeps logs for ${LOG_RETENTION_DAYS.join(', ')} days.` }),
    'Days that the log of the function is kept. Default: `90`.',
  ),
  logKmsKeyArn: optional(
    keyArn(),
    'Customer managed key of the logs of the function and of the overdue check. The key policy must allow CloudWatch Logs. Default: encryption by CloudWatch Logs.',
  ),
  logRemovalPolicy: optional(
    removalPolicy(),
    'Whether the log is kept or deleted when the stack is deleted. Default: `retain`.',
  ),
};

export const functionSchema: z.ZodType<FunctionConfiguration> = map(fields);

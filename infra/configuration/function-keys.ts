import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { FUNCTION_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import { choice, type FieldsOf, flag, list, map, optional, removalPolicy, text, unique } from '../rules/fields.ts';
import { descriptionOf, FUNCTION_FIELDS } from '../rules/function-fields.ts';
import type { FunctionSettings } from '../rules/function-settings.ts';
import {
  keyArn,
  PRIVATE_LINK_ENDPOINTS,
  PRIVATE_LINK_SERVICE,
  secretArn,
  TIMEOUT_SECONDS,
} from '../rules/shared-fields.ts';

export interface FunctionConfiguration extends FunctionSettings {
  readonly caFile?: string;
  readonly adminSecretArn?: string;
  readonly adminSecretKmsKeyArn?: string;
  readonly managerSecretArn?: string;
  readonly managerSecretKmsKeyArn?: string;
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

export interface VpcConfiguration {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds?: readonly string[];
  readonly privateLink?: PrivateLinkConfiguration;
}

export interface PrivateLinkConfiguration {
  readonly serviceName: string;
  readonly endpoints: readonly string[];
  readonly secretsManagerEndpoint?: boolean;
  readonly clientSecurityGroupIds?: readonly string[];
}

const securityGroups = (ifEmpty?: string): z.ZodArray<z.ZodString> =>
  unique(
    list(
      text(/^sg-[0-9a-f]{8,17}$/, 'Write the id of a security group: sg-0123456789abcdef0.'),
      'Write a list of security groups.',
      ifEmpty,
    ),
  );

const privateLinkFields: FieldsOf<PrivateLinkConfiguration> = {
  serviceName: PRIVATE_LINK_SERVICE.describe('Service name in the Zilliz Cloud console, under "Private Endpoint".'),
  endpoints: PRIVATE_LINK_ENDPOINTS.describe('Endpoints of the clusters behind the service, as the secrets name them.'),
  secretsManagerEndpoint: optional(
    flag(),
    'Creates an interface endpoint for Secrets Manager, only for the function. Write `false` if the VPC has one or a NAT gateway. Default: `true`.',
  ),
  clientSecurityGroupIds: optional(
    securityGroups(),
    'Security groups of the other clients of the clusters in the VPC. `[]` if there are none. Default: none, with a warning.',
  ),
};

const vpcFields: FieldsOf<VpcConfiguration> = {
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'Write the id of a VPC: vpc-0123456789abcdef0.').describe('Id of the VPC.'),
  subnetIds: unique(
    list(
      text(/^subnet-[0-9a-f]{8,17}$/, 'Write the id of a subnet: subnet-0123456789abcdef0.'),
      'Write a list of subnets.',
      'Write at least one subnet, or better two in different Availability Zones.',
    ),
  ).describe('Subnets of the function.'),
  securityGroupIds: optional(
    securityGroups('An empty list is not allowed. Write a security group, or remove the key to get a new one.'),
    'Security groups of the function, with outbound access to port 443 and to the cluster. Default: a new group.',
  ),
  privateLink: optional(
    map(privateLinkFields),
    'Creates a private connection to clusters on Zilliz Cloud and to Secrets Manager. Default: none.',
  ),
};

/** The retention periods of CloudWatch Logs, except "never expire". */
const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const fields: FieldsOf<FunctionConfiguration> = {
  ...FUNCTION_FIELDS,
  caFile: optional(
    z.string({ error: 'Write the path of a PEM file, relative to this file.' }),
    'PEM file of the private authority of the cluster, relative to this file. Default: the public authorities.',
  ),
  adminSecretArn: optional(secretArn(), descriptionOf(FUNCTION_SETTINGS.adminSecretArn)),
  adminSecretKmsKeyArn: optional(keyArn(), 'Key of the admin secret. Default: the key `aws/secretsmanager`.'),
  managerSecretArn: optional(secretArn(), descriptionOf(FUNCTION_SETTINGS.managerSecretArn)),
  managerSecretKmsKeyArn: optional(keyArn(), 'Key of the manager secret. Default: the key `aws/secretsmanager`.'),
  secretKmsKeyArns: optional(
    unique(
      list(
        keyArn(),
        'Write a list of ARNs of KMS keys.',
        'An empty list permits no KMS key. Write an ARN, or remove the list to use the key aws/secretsmanager.',
      ),
    ),
    'Keys of secrets below `secretNamePrefix`, besides `defaults.kmsKeyArn`. Default: none.',
  ),
  vpc: optional(map(vpcFields), 'Network of the function. Default: outside of any VPC.'),
  timeout: optional(TIMEOUT_SECONDS, 'Seconds for one step of a rotation. Default: `60`.'),
  architecture: optional(choice(['arm64', 'x86_64']), 'Processor of the functions. Default: `arm64`.'),
  permissionsBoundaryArn: optional(
    text(
      /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
      'Write the ARN of a managed policy: arn:aws:iam::ACCOUNT:policy/NAME.',
    ),
    'Managed policy that limits every role of these stacks. Default: none.',
  ),
  logRetentionDays: optional(
    z.literal(LOG_RETENTION_DAYS, { error: `CloudWatch Logs keeps logs for ${LOG_RETENTION_DAYS.join(', ')} days.` }),
    'Days that the log is kept, as CloudWatch Logs allows. Default: `90`.',
  ),
  logKmsKeyArn: optional(
    keyArn(),
    'Key of the logs, whose policy allows CloudWatch Logs. Default: encryption by CloudWatch Logs.',
  ),
  logRemovalPolicy: optional(removalPolicy(), 'What happens to the log when the stack is deleted. Default: `retain`.'),
};

/** @internal */
export const functionSchema: z.ZodType<FunctionConfiguration> = map(fields);

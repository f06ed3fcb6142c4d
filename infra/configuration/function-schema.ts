import * as z from 'zod';
import { CONCURRENCY, FOLDER, HOST, MEMORY_MB, NO_HOST, TIMEOUT_SECONDS } from '../rules/forms.ts';
import type { FunctionConfiguration } from './configuration.ts';
import { endpoint, flag, formed, keyArn, map, removalPolicy, secretArn, text, whole, within } from './fields.ts';
import { LOG_RETENTION_DAYS } from './log-retention.ts';
import { vpcSchema } from './vpc-schema.ts';

export const functionSchema: z.ZodType<FunctionConfiguration> = map({
  strategy: z
    .literal('single-user', {
      error:
        'Write single-user, the only strategy there is: docs/decisions/0207-one-strategy.md says why. It is also the default.',
    })
    .exactOptional()
    .describe(
      'How a password is replaced. single-user: the user of a secret changes its own. Default: single-user, the only one.',
    ),
  allowedEndpoints: z
    .array(formed(HOST), { error: 'Write a list of hosts and of domains with a leading dot.' })
    .min(1, { error: NO_HOST })
    .exactOptional()
    .describe('Hosts a password may be sent to. Default: .zillizcloud.com and .zilliz.com.cn.'),
  clusterEndpoint: endpoint()
    .exactOptional()
    .describe('The cluster of secrets that are a plain user:password without a tag zilliz:endpoint.'),
  allowPlaintext: flag()
    .exactOptional()
    .describe('Lets passwords travel to http:// endpoints. Only for a network that is wholly yours.'),
  caFile: z
    .string({ error: 'Write the path of a PEM file, relative to this file.' })
    .exactOptional()
    .describe('PEM file of the private authority that signed the certificate of the cluster, relative to this file.'),
  passwordLength: whole(8, 64, 'Zilliz Cloud accepts 8 to 64 characters.')
    .exactOptional()
    .describe('Characters in a generated password. Default: 40.'),
  passwordExcludeCharacters: z
    .string({ error: 'Write the characters as one string, in quotes.' })
    .exactOptional()
    .describe('Characters that a generated password must not hold.'),
  adminSecretArn: secretArn()
    .exactOptional()
    .describe(
      'Secret of a cluster admin or with an API key, for when no stored password is in force. It is only read.',
    ),
  adminSecretKmsKeyArn: keyArn()
    .exactOptional()
    .describe('The customer managed key of that secret. Default: the key of AWS, which needs no permission.'),
  secretNamePrefix: formed(FOLDER)
    .exactOptional()
    .describe(
      'All names of secrets begin so. The permission of the function is then one for all, however many there are.',
    ),
  secretKmsKeyArns: z
    .array(keyArn(), { error: 'Write a list of ARNs of keys.' })
    .min(1, { error: 'An empty list permits nothing. Name a key, or leave the list out for the key of AWS.' })
    .exactOptional()
    .describe(
      'Customer managed keys of secrets below secretNamePrefix, beside that of the defaults. With stacks, entries use these only.',
    ),
  vpc: vpcSchema
    .exactOptional()
    .describe('The network of the function. It must reach Secrets Manager and the cluster from there.'),
  timeout: within(TIMEOUT_SECONDS).exactOptional().describe('Seconds for one step of a rotation. Default: 60.'),
  memorySize: within(MEMORY_MB).exactOptional().describe('MB of memory. Default: 512.'),
  architecture: z
    .enum(['arm64', 'x86_64'], { error: 'Write arm64 or x86_64.' })
    .exactOptional()
    .describe('Processor of the function. Default: arm64.'),
  reservedConcurrentExecutions: within(CONCURRENCY)
    .exactOptional()
    .describe('Rotations at once, at the most. Default: as many as Lambda runs.'),
  permissionsBoundaryArn: text(
    /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    'Write the ARN of a managed policy: arn:aws:iam::ACCOUNT:policy/NAME.',
  )
    .exactOptional()
    .describe('Upper limit of what any role of these stacks may be allowed.'),
  logRetentionDays: z
    .literal(LOG_RETENTION_DAYS, { error: `CloudWatch Logs keeps logs for ${LOG_RETENTION_DAYS.join(', ')} days.` })
    .exactOptional()
    .describe('Days that the log of the rotations is kept. Default: 90.'),
  logKmsKeyArn: keyArn()
    .exactOptional()
    .describe('Customer managed key of that log. Its policy must let CloudWatch Logs use it.'),
  logRemovalPolicy: removalPolicy()
    .exactOptional()
    .describe('What becomes of that log when the stack is deleted. Default: retain.'),
});

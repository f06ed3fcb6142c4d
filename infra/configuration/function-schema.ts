import * as z from 'zod';
import type { FunctionConfiguration } from './configuration.ts';
import { endpoint, flag, map, text, whole } from './fields.ts';
import { LOG_RETENTION_DAYS } from './log-retention.ts';

const HOST = /^(\.?([A-Za-z0-9-]+\.)*[A-Za-z0-9-]+|[0-9a-fA-F:]+)$/;

export const functionSchema: z.ZodType<FunctionConfiguration> = map({
  allowedEndpoints: z
    .array(
      text(
        HOST,
        'Write a host (milvus.example.com) or a domain with a leading dot (.example.com), without scheme or port.',
      ),
      {
        error: 'Write a list of hosts and of domains with a leading dot.',
      },
    )
    .min(1, {
      error:
        'An empty list allows no cluster at all. Name a host, or leave the key out for the domains of Zilliz Cloud.',
    })
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
  timeout: whole(30, 900, 'Write seconds, 30 to 900.')
    .exactOptional()
    .describe('Seconds for one step of a rotation. Default: 60.'),
  memorySize: whole(192, 10_240, 'Write MB, 192 to 10240.').exactOptional().describe('MB of memory. Default: 512.'),
  logRetentionDays: z
    .literal(LOG_RETENTION_DAYS, { error: `CloudWatch Logs keeps logs for ${LOG_RETENTION_DAYS.join(', ')} days.` })
    .exactOptional()
    .describe('Days that the log of the rotations is kept. Default: 90.'),
});

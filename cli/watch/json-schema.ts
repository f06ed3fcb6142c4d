import * as z from 'zod';
import { time } from '../json-schema-parts.ts';

export const documentSchema: z.ZodType = z.strictObject({
  event: z
    .enum(['running', 'waiting', 'started', 'step-finished', 'failed', 'succeeded', 'stopped', 'changed'])
    .describe(
      'running: since before the command. waiting: failed before the command, and waits for its next attempt. stopped: cancelled, or somebody changed the secret. changed: AWSCURRENT moved, by a rotation that the log does not show or by hand.',
    ),
  at: time,
  secret: z.string().describe('Name of the secret.'),
  arn: z.string(),
  versionId: z.string(),
  step: z.string().nullable(),
  durationMs: z.number().nullable().describe('Of the step, or of the whole rotation with succeeded.'),
  code: z.string().nullable().describe('Of the failure.'),
  message: z.string().nullable(),
  source: z.enum(['log', 'labels']),
});

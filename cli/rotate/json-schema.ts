import * as z from 'zod';
import { arn, commandKeys, explanationKeys, notes, secretId, unsearched, versionId } from '../json-schema-parts.ts';

const login = z
  .strictObject({
    endpoint: z.string(),
    username: z.string().nullable().describe('Null for an API key.'),
    apiKeyId: z.string().nullable().describe('Null for a user.'),
    roles: z.array(z.string()),
  })
  .nullable()
  .describe('The login with the new credential that proves the rotation. Null after another outcome.');

const error = z
  .strictObject({
    ...explanationKeys,
    step: z.string().nullable().describe('The step that failed.'),
    retryable: z.boolean().nullable().describe('Whether a further attempt can succeed. Null if no rotation failed.'),
    inForce: z.string().nullable().describe('What the function knows about the accepted credential.'),
  })
  .nullable()
  .describe('Null after rotated.');

const rotation = z.strictObject({
  secret: secretId,
  arn,
  outcome: z
    .enum(['rotated', 'refused', 'failed', 'running', 'rejected', 'unconfirmed', 'interrupted', 'unexpected'])
    .describe('refused: no rotation started. unexpected: a fault of the command; a rotation may run.'),
  exitCode: commandKeys('rotate').exitCode.describe('The exit code for this secret alone.'),
  versionId: versionId.describe('The new version. Null if no rotation started.'),
  previousVersionId: versionId.describe('The version that had AWSCURRENT before the rotation.'),
  durationMs: z.number(),
  login,
  error,
  notes,
});

const planned = z.strictObject({
  arn: z.string(),
  users: z
    .array(z.string())
    .describe('Two users that take turns, the next one first. Without --both-users, the second keeps its password.'),
});

const plan = z
  .strictObject({
    secrets: z.array(planned),
    leftOut: z
      .array(z.strictObject({ secretId: z.string(), ...explanationKeys }))
      .describe('Selected secrets that cannot rotate.'),
    unsearched,
    rotatedSince: z.number().describe('Selected secrets that have rotated since --older-than.'),
  })
  .describe('Not if one secret is named alone, without --both-users.');

export const documentSchema = z.strictObject({
  ...commandKeys('rotate'),
  secrets: z.array(rotation).describe('With --both-users, an entry for each rotation that was started.'),
  plan: plan.optional(),
  again: z
    .string()
    .nullable()
    .optional()
    .describe('The command line that rotates what has not rotated since this run began. Null if nothing was started.'),
  error: z.strictObject(explanationKeys).nullable().optional().describe('Why the plan was not carried out.'),
});

export type RotateDocument = z.infer<typeof documentSchema>;
/** What happened to one secret. */
export type RotateReport = z.infer<typeof rotation>;

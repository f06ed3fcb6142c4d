import * as z from 'zod';
import { commandKeys, time, versionId } from '../json-schema-parts.ts';

/**
 * Where a piece of information comes from: the log of the function, the dates of the versions
 * (ListSecretVersionIds), CloudTrail, or the labels of the secret (DescribeSecret).
 */
const source = z.enum(['log', 'versions', 'cloudtrail', 'labels']);

/** A rotation in the documents of `history` and `report`. */
export const rotation = z.strictObject({
  kind: z
    .enum(['rotation', 'test', 'version'])
    .describe(
      'test: only testSecret ran, after a change of the schedule. version: only the date of a version is known, so a rotation or a person stored it.',
    ),
  versionId,
  outcome: z
    .enum(['succeeded', 'failed', 'abandoned', 'running'])
    .nullable()
    .describe('abandoned: somebody changed the secret during the rotation. Null if no source tells it.'),
  startedAt: time,
  endedAt: time,
  durationMs: z.number().nullable(),
  trigger: z
    .string()
    .nullable()
    .describe('schedule, or the ARN of the principal that called RotateSecret, or the account id of a root user.'),
  failures: z
    .array(z.strictObject({ at: time, step: z.string(), code: z.string(), message: z.string() }))
    .describe('Failed steps, oldest first. A rotation that succeeded later may have some.'),
  createdKey: z.string().nullable().describe('The id of the API key that the rotation created, if the log has it.'),
  deletedKeys: z
    .array(z.strictObject({ apiKeyId: z.string(), why: z.string().nullable() }))
    .describe(
      'The API keys that the rotation deleted, if the log has them. why: replaced, revoked, or orphan, which an attempt created and did not store.',
    ),
  sources: z.array(source).describe('The sources that tell about the rotation.'),
});

export const sourceNotes = z
  .array(z.strictObject({ source, message: z.string() }))
  .describe('What a source does not tell, and which permission is missing.');

export const documentSchema = z.strictObject({
  ...commandKeys('history'),
  secret: z.string().describe('Name of the secret.'),
  arn: z.string(),
  since: time,
  until: time,
  rotations: z.array(rotation).describe('Oldest first.'),
  sourcesRead: z.array(z.enum(['log', 'versions', 'cloudtrail'])),
  notes: sourceNotes,
});

export type HistorySource = z.infer<typeof source>;
export type PastRotation = z.infer<typeof rotation>;
export type SourceNote = z.infer<typeof sourceNotes>[number];
export type HistoryDocument = z.infer<typeof documentSchema>;

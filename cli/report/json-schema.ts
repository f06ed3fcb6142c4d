import * as z from 'zod';
import { STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { rotation, sourceNotes } from '../history/json-schema.ts';
import { commandKeys, time } from '../json-schema-parts.ts';

const exception = z.strictObject({
  code: z.string().describe('A finding of status, or never-rotated, failed or no-owner.'),
  reason: z.string(),
  at: time.describe('When the rotation failed first. Null for other exceptions.'),
  failureCode: z.string().nullable().describe('The last code of the failed rotation, if the log has it.'),
});

const secret = z.strictObject({
  secret: z.string().describe('Name of the secret.'),
  arn: z.string(),
  owners: z.record(z.string(), z.string().nullable()).describe('The tags of --owner-tags.'),
  policy: z.strictObject({
    strategy: z.enum(STRATEGY_NAMES).nullable().describe('Null: the configuration of the function could not be read.'),
    enabled: z.boolean(),
    functionArn: z.string().nullable(),
    schedule: z.string().nullable(),
    window: z.string().nullable(),
    nextRotationAt: time,
  }),
  createdAt: time,
  rotatedAt: time.describe('The last known rotation. While rotation is off, the sources tell it.'),
  lastAccessedAt: time.describe('The day of the last read.'),
  ageMs: z.number().describe('Since the last known rotation, or since the creation.'),
  allowedAgeMs: z
    .number()
    .nullable()
    .describe('The age at which the schedule must have rotated. Null: rotation is off.'),
  rotations: z.array(rotation).describe('In the period, oldest first.'),
  exceptions: z.array(exception),
});

export const documentSchema = z.strictObject({
  ...commandKeys('report'),
  version: z.string().describe('Of the command.'),
  generatedAt: time,
  since: time,
  until: time,
  ownerTags: z.array(z.string()),
  secrets: z.array(secret),
  unreadable: z
    .array(z.strictObject({ secretId: z.string(), reason: z.string() }))
    .describe(
      'Secrets that could not be read, or whose function may belong to another product, and accounts and regions that could not be searched.',
    ),
  notes: sourceNotes,
});

/** What every format of the report contains. */
export type AuditReport = z.infer<typeof documentSchema>;
export type AuditSecret = z.infer<typeof secret>;
export type Exception = z.infer<typeof exception>;

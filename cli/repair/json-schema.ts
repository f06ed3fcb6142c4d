import * as z from 'zod';
import { arn, commandKeys, error, notes, plan, secretId, versionId } from '../json-schema-parts.ts';

export const documentSchema = z.strictObject({
  ...commandKeys('repair'),
  secret: secretId,
  arn,
  outcome: z
    .enum(['in-order', 'repaired', 'refused', 'failed', 'unconfirmed', 'interrupted'])
    .describe('in-order: there was nothing to repair. refused: nothing changed.'),
  plan,
  currentVersionId: versionId.describe('The version with AWSCURRENT after repaired. Otherwise null.'),
  error,
  notes,
  next: z.string().nullable().describe('What to do next after repaired, and if rotation is off.'),
});

export type RepairDocument = z.infer<typeof documentSchema>;

import * as z from 'zod';
import { commandKeys, time } from '../json-schema-parts.ts';
import { rotation, sourceNotes } from '../past/past-schema.ts';

export const documentSchema: z.ZodType = z.strictObject({
  ...commandKeys('history'),
  secret: z.string().describe('Name of the secret.'),
  arn: z.string(),
  since: time,
  until: time,
  rotations: z.array(rotation).describe('Oldest first.'),
  sourcesRead: z.array(z.enum(['log', 'versions', 'cloudtrail'])),
  notes: sourceNotes,
});

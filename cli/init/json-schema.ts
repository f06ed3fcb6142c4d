import * as z from 'zod';
import { arn, commandKeys, error, notes, plan, secretId } from '../json-schema-parts.ts';

export const documentSchema = z.strictObject({
  ...commandKeys('init'),
  secret: secretId,
  arn,
  outcome: z
    .enum(['ready', 'in-order', 'refused', 'failed', 'unconfirmed', 'interrupted'])
    .describe('ready: the plan was carried out. in-order: there was nothing to do. refused: nothing changed.'),
  endpoint: z.string().nullable().describe('URL of the cluster. Null if the command did not get to know it.'),
  users: z
    .array(
      z.strictObject({
        username: z.string(),
        origin: z.enum(['existing', 'new']).describe('new: the plan creates the user.'),
      }),
    )
    .describe('The users to take into rotation. Empty for an API key, and if the command ended before it knew them.'),
  apiKeyId: z.string().nullable().describe('The id of the API key to take into rotation. Null for users.'),
  plan,
  entry: z.string().nullable().describe('YAML of the entry in the configuration file. Null before there is a plan.'),
  notes,
  error,
  next: z.string().nullable().describe('What to do next after ready or in-order.'),
});

export type InitDocument = z.infer<typeof documentSchema>;

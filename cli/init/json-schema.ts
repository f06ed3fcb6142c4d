import * as z from 'zod';
import { arn, commandKeys, error, notes, plan, secretId } from '../json-schema-parts.ts';

const initialized = z.strictObject({
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
    .describe('The users to take into rotation. Empty if the command ended before it knew them.'),
  plan,
  entry: z.string().nullable().describe('YAML of the entry in the configuration file. Null before there is a plan.'),
  construct: z.string().nullable().describe('TypeScript of the construct, for stacks without a configuration file.'),
  notes,
  error,
  next: z.string().nullable().describe('What to do next after ready or in-order.'),
});

const discovered = z
  .strictObject({
    ...commandKeys('init'),
    credentials: z.array(
      z.strictObject({
        secret: z.string(),
        endpoint: z.string(),
        username: z.string(),
        sameUser: z.array(z.string()).describe('Other secrets that hold the user.'),
        command: z.string().nullable().describe('Takes the user into rotation. Null if another secret holds the user.'),
      }),
    ),
    incomplete: z
      .array(z.strictObject({ secret: z.string(), reason: z.string() }))
      .describe('Secrets that look like a credential of a cluster, with what is missing.'),
    searched: z.int().describe('How many secrets have no rotation.'),
    denied: z.array(z.string()).describe('Names of the secrets whose values AWS does not let the caller read.'),
    notes,
  })
  .describe('The document of init --discover.');

export const documentSchema: z.ZodType = z.union([initialized, discovered]);

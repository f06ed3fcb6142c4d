import * as z from 'zod';
import type { SecretConfiguration } from './configuration.ts';
import { endpoint, map, secretArn, text } from './fields.ts';
import { rotationKeys } from './rotation-schema.ts';

const NAME = 'A name of a secret holds letters, digits and /_+=.@- and is at most 512 characters long.';

const created = map({
  create: text(/^[\w/+=.@-]{1,512}$/, NAME)
    .regex(/^(?!.*-[A-Za-z0-9]{6}$)/, {
      error:
        'A new name must not end in a hyphen and six characters: Secrets Manager ends ARNs so, and would confuse them.',
    })
    .describe('Name of the secret that the stack creates. It stays when the stack is deleted.'),
  endpoint: endpoint().describe('The cluster: https://host[:port], as the console of Zilliz Cloud shows it.'),
  username: text(
    /^[A-Za-z]\w{0,31}$/,
    'A cluster user begins with a letter and holds letters, digits and _, 32 at the most.',
  ).describe('The cluster user. It changes its own password and needs no role for that.'),
  description: z
    .string({ error: 'Write one line of text.' })
    .max(2048, { error: 'At most 2,048 characters.' })
    .exactOptional(),
  removalPolicy: z
    .enum(['retain', 'destroy'], { error: 'Write retain or destroy.' })
    .exactOptional()
    .describe('What becomes of the secret when the stack, or this entry, is deleted. Default: retain.'),
  ...rotationKeys,
});

const IN_THE_SECRET =
  ' The endpoint and the username of an existing secret stand in its value; those of a plain user:password in its tag zilliz:endpoint or in function.clusterEndpoint.';

const named = map(
  {
    name: text(/^[\w/+=.@-]{1,512}$/, NAME).describe('Name of an existing secret.'),
    ...rotationKeys,
  },
  IN_THE_SECRET,
);

const byArn = map(
  {
    arn: secretArn().describe('Full ARN of an existing secret.'),
    ...rotationKeys,
  },
  IN_THE_SECRET,
);

/** The keys that tell the three kinds of entry apart, in the order of the union. */
export const SECRET_KINDS = ['create', 'name', 'arn'] as const;

export const secretSchema: z.ZodType<SecretConfiguration> = z.union([created, named, byArn]);

import * as z from 'zod';
import { NEW_SECRET_NAME, SECRET_NAME, USERNAME } from '../rules/forms.ts';
import type { SecretConfiguration } from './configuration.ts';
import { endpoint, formed, map, removalPolicy, secretArn, text } from './fields.ts';
import { rotationKeys } from './rotation-schema.ts';

const created = map({
  create: formed(SECRET_NAME)
    .regex(NEW_SECRET_NAME.pattern, { error: NEW_SECRET_NAME.allowed })
    .describe('Name of the secret that the stack creates. It stays when the stack is deleted.'),
  endpoint: endpoint().describe('The cluster: https://host[:port], as the console of Zilliz Cloud shows it.'),
  username: formed(USERNAME).describe('The cluster user. It changes its own password and needs no role for that.'),
  description: z
    .string({ error: 'Write one line of text.' })
    .max(2048, { error: 'At most 2,048 characters.' })
    .exactOptional(),
  removalPolicy: removalPolicy()
    .exactOptional()
    .describe('What becomes of the secret when the stack, or this entry, is deleted. Default: retain.'),
  replicaRegions: z
    .array(text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'Write the name of a region: eu-west-1.'), {
      error: 'Write a list of regions.',
    })
    .exactOptional()
    .describe('Regions with a copy of the secret, which Secrets Manager keeps up to date. Under the key of AWS there.'),
  ...rotationKeys,
});

/** An existing secret names both itself, as a rule. */
const targetKeys = {
  endpoint: endpoint()
    .exactOptional()
    .describe(
      'The cluster, for a secret that does not name it, neither in its value nor by its tag zilliz:endpoint. One that names another is refused.',
    ),
  username: formed(USERNAME).exactOptional().describe('The cluster user. A secret that names another is refused.'),
};

const ONLY_FOR_NEW = ' An existing secret has its own description, and stays whatever becomes of the stack.';

const named = map(
  {
    name: formed(SECRET_NAME).describe('Name of an existing secret.'),
    ...targetKeys,
    ...rotationKeys,
  },
  ONLY_FOR_NEW,
);

const byArn = map(
  {
    arn: secretArn().describe('Full ARN of an existing secret.'),
    ...targetKeys,
    ...rotationKeys,
  },
  ONLY_FOR_NEW,
);

/** The keys that tell the three kinds of entry apart, in the order of the union. */
export const SECRET_KINDS = ['create', 'name', 'arn'] as const;

export const secretSchema: z.ZodType<SecretConfiguration> = z.union([created, named, byArn]);

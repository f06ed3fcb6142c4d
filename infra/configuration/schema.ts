import * as z from 'zod';
import { TAG_KEY } from '../rules/forms.ts';
import type { Configuration } from './configuration.ts';
import { formed, map, text, whole } from './fields.ts';
import { functionSchema } from './function-schema.ts';
import { monitoringSchema } from './monitoring-schema.ts';
import { defaultsSchema } from './rotation-schema.ts';
import { secretSchema } from './secret-schema.ts';

export const configurationSchema: z.ZodType<Configuration> = map({
  stackName: text(
    /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    'A stack name begins with a letter and holds letters, digits and -, 128 at the most.',
  )
    .default('zilliz-secret-rotation')
    .describe('Name of the CloudFormation stack.'),
  function: functionSchema.default({}).describe('The rotation function, which all secrets of this file share.'),
  defaults: defaultsSchema.default({}).describe('What holds for every secret that does not say otherwise.'),
  secrets: z
    .array(secretSchema, { error: 'Write a list of secrets.' })
    .min(1, { error: 'At least one secret is needed, or there is nothing to rotate.' })
    .describe('The credentials to rotate: created here (create), or existing ones by name or by ARN.'),
  monitoring: monitoringSchema
    .exactOptional()
    .describe('Alarms for rotations that fail, are abandoned or do not happen. Default: none.'),
  stacks: whole(2, 200, 'Write how many stacks the secrets are spread over, 2 to 200.')
    .exactOptional()
    .describe('Spreads thousands of secrets over stacks. Choose once: another number moves secrets between stacks.'),
  tags: z
    .record(formed(TAG_KEY), z.string({ error: 'Write a string.' }), {
      error: ({ code }) => (code === 'invalid_key' ? TAG_KEY.allowed : 'Write a map of tags.'),
    })
    .exactOptional()
    .describe('Tags of every resource.'),
});

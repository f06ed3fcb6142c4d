import * as z from 'zod';
import type { Configuration } from './configuration.ts';
import { map, text } from './fields.ts';
import { functionSchema } from './function-schema.ts';
import { secretSchema } from './secret-schema.ts';

export const configurationSchema: z.ZodType<Configuration> = map({
  stackName: text(
    /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    'A stack name begins with a letter and holds letters, digits and -, 128 at the most.',
  )
    .default('zilliz-secret-rotation')
    .describe('Name of the CloudFormation stack.'),
  function: functionSchema.default({}).describe('The rotation function, which all secrets of this file share.'),
  secrets: z
    .array(secretSchema, { error: 'Write a list of secrets.' })
    .min(1, { error: 'At least one secret is needed, or there is nothing to rotate.' })
    .describe('The credentials to rotate: created here (create), or existing ones by name or by ARN.'),
});

import type * as z from 'zod';
import { type FieldsOf, integer, list, map, optional, text } from '../rules/fields.ts';
import { TAGS } from '../rules/shared-fields.ts';
import { type FunctionConfiguration, functionSchema } from './schema/function-schema.ts';
import { type MonitoringConfiguration, monitoringSchema } from './schema/monitoring-schema.ts';
import { defaultsSchema, type RotationConfiguration } from './schema/rotation-schema.ts';
import { type SecretConfiguration, secretSchema } from './schema/secret-schema.ts';

/** The checked content of a configuration file. The code that uses a key has its default. */
export interface Configuration {
  readonly stackName: string;
  readonly function: FunctionConfiguration;
  readonly defaults: RotationConfiguration;
  readonly secrets: readonly SecretConfiguration[];
  readonly monitoring?: MonitoringConfiguration;
  readonly stacks?: number;
  readonly tags?: Record<string, string>;
}

const fields: FieldsOf<Configuration> = {
  stackName: text(
    /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    'A stack name starts with a letter and has at most 128 letters, digits and hyphens.',
  )
    .default('zilliz-secret-rotation')
    .describe('Name of the CloudFormation stack.'),
  function: functionSchema.default({}).describe('Settings of the rotation function. All secrets of the file share it.'),
  defaults: defaultsSchema
    .default({})
    .describe('Rotation settings for every secret. A key in the entry of a secret replaces the default.'),
  secrets: list(
    secretSchema,
    'Write a list of secrets.',
    'Write at least one secret. Without a secret there is nothing to rotate.',
  ).describe('The secrets to rotate: new secrets (`create`) and existing secrets (`name` or `arn`).'),
  monitoring: optional(
    monitoringSchema,
    'Alarms for rotations that fail, are abandoned or are overdue. Default: no alarms.',
  ),
  stacks: optional(
    integer(2, 200, 'stacks'),
    'Number of stacks for the secrets of a large fleet. Do not change the number later, because secrets would move between stacks. Default: one stack for everything.',
  ),
  tags: optional(TAGS, 'Tags for every resource. A tag key must not start with `aws:`. Default: none.'),
};

export const configurationSchema: z.ZodType<Configuration> = map(fields);

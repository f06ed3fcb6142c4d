import * as z from 'zod';
import { type FieldsOf, flag, integer, list, map, optional, text } from '../rules/fields.ts';
import { MAX_AGE_DAYS, RUNBOOK } from '../rules/shared-fields.ts';
import { type FunctionConfiguration, functionSchema } from './function-keys.ts';
import { defaultsSchema, type RotationConfiguration, type SecretConfiguration, secretSchema } from './secret-keys.ts';

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

export interface MonitoringConfiguration {
  readonly topicArn?: string;
  readonly email?: string;
  readonly maxAgeDays?: number;
  readonly runbook?: string;
  readonly dashboard?: boolean;
}

const monitoringFields: FieldsOf<MonitoringConfiguration> = {
  topicArn: optional(
    text(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
      'Write the ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME.',
    ),
    'A topic to which `cloudwatch.amazonaws.com` and `events.amazonaws.com` may publish. In another account: docs/organisation.md. Default: a new topic.',
  ),
  email: optional(
    text(/^[^\s@]+@[^\s@]+$/, 'Write an email address: oncall@example.com.'),
    'Email address that is subscribed to the topic. Its owner must confirm. Default: none.',
  ),
  maxAgeDays: optional(
    MAX_AGE_DAYS,
    'A password older than this is overdue, counted from the last rotation or the creation. Default: only the schedules count.',
  ),
  runbook: optional(RUNBOOK, 'Address of your runbook, for the alarms. Default: `docs/operations.md` of this product.'),
  dashboard: optional(flag(), 'Creates a CloudWatch dashboard. Default: `true`.'),
};

const fields: FieldsOf<Configuration> = {
  stackName: text(
    /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
    'A stack name starts with a letter and has at most 128 letters, digits and hyphens.',
  )
    .default('zilliz-secret-rotation')
    .describe('Name of the CloudFormation stack. Default: `zilliz-secret-rotation`.'),
  function: functionSchema.default({}).describe('The rotation function. All secrets of the file share it.'),
  defaults: defaultsSchema.default({}).describe('Keys for every secret. The entry of a secret may replace them.'),
  secrets: list(
    secretSchema,
    'Write a list of secrets.',
    'Write at least one secret. Without a secret there is nothing to rotate.',
  ).describe('New secrets (`create`) and existing secrets (`name` or `arn`).'),
  monitoring: optional(map(monitoringFields), 'Alarms. `{}` creates all. Default: no alarms.'),
  stacks: optional(
    integer(2, 200, 'stacks'),
    'Number of stacks for the secrets of a large fleet. Before you change it, read docs/fleets.md. Default: one stack for everything.',
  ),
  tags: optional(
    z.record(z.string().regex(/^(?!aws:).{1,128}$/), text(/^.{0,256}$/, 'Write a string of at most 256 characters.'), {
      error: ({ code }) =>
        code === 'invalid_key'
          ? 'The key of a tag has 1 to 128 characters, and does not start with aws:.'
          : 'Write a map of tags.',
    }),
    'Tags for every resource. Default: none.',
  ),
};

/** @internal */
export const configurationSchema: z.ZodType<Configuration> = map(fields);

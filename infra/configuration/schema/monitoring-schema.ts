import type * as z from 'zod';
import { type FieldsOf, flag, map, optional, text } from '../../rules/fields.ts';
import { MAX_AGE_DAYS, RUNBOOK } from '../../rules/shared-fields.ts';

export interface MonitoringConfiguration {
  readonly topicArn?: string;
  readonly email?: string;
  readonly maxAgeDays?: number;
  readonly runbook?: string;
  readonly dashboard?: boolean;
}

const fields: FieldsOf<MonitoringConfiguration> = {
  topicArn: optional(
    text(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
      'Write the ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME.',
    ),
    'An existing topic for the alarms. Its policy must allow `cloudwatch.amazonaws.com` and `events.amazonaws.com` to publish. Default: a new topic.',
  ),
  email: optional(
    text(/^[^\s@]+@[^\s@]+$/, 'Write an email address: oncall@example.com.'),
    'Email address that is subscribed to the topic. Its owner must confirm the subscription. Default: none.',
  ),
  maxAgeDays: optional(
    MAX_AGE_DAYS,
    'A password older than this is overdue, even if its schedule allows it. The age starts at the last rotation, or at the creation of a secret that was never rotated. Default: only the schedules count.',
  ),
  runbook: optional(
    RUNBOOK,
    'Address of your runbook. Every alarm contains it. Default: `docs/operations.md` in the repository of this product.',
  ),
  dashboard: optional(flag(), 'Creates a CloudWatch dashboard. Default: `true`.'),
};

export const monitoringSchema: z.ZodType<MonitoringConfiguration> = map(fields);

import type * as z from 'zod';
import type { MonitoringConfiguration } from './configuration.ts';
import { flag, map, text, whole } from './fields.ts';

export const monitoringSchema: z.ZodType<MonitoringConfiguration> = map({
  topicArn: text(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
    'Write the ARN of a topic: arn:aws:sns:REGION:ACCOUNT:NAME.',
  )
    .exactOptional()
    .describe('An existing topic for the alarms, which lets CloudWatch and EventBridge publish. Default: a new one.'),
  email: text(/^[^\s@]+@[^\s@]+$/, 'Write an address: oncall@example.com.')
    .exactOptional()
    .describe('Subscribed to the topic; the address must confirm by the link that it is sent.'),
  maxAgeDays: whole(1, 1000, 'Write days, 1 to 1000.')
    .exactOptional()
    .describe('A password older than this is overdue, whatever its schedule says.'),
  runbook: text(/^\S+$/, 'Write an address without spaces.')
    .exactOptional()
    .describe('Address of your runbook, which every alarm names. Default: docs/operations.md.'),
  dashboard: flag().exactOptional().describe('A dashboard with all of it. Default: true.'),
});

import * as z from 'zod';
import { checkSchedule } from '../rules/schedule-rules.ts';
import type { RotationConfiguration } from './configuration.ts';
import { flag, keyArn, map, text, whole } from './fields.ts';

type RotationKeys = {
  [Key in keyof RotationConfiguration]-?: z.ZodExactOptional<z.ZodType<NonNullable<RotationConfiguration[Key]>>>;
};

const schedule = z.string({ error: 'Write rate(30 days) or cron(0 4 1 * ? *).' }).superRefine((value, context) => {
  const check = checkSchedule(value);
  if (check.kind === 'invalid') {
    context.addIssue({ code: 'custom', message: check.rule });
  }
});

/** Keys of every secret, and of the defaults. */
export const rotationKeys: RotationKeys = {
  schedule: schedule
    .exactOptional()
    .describe(
      'When to rotate, in UTC: rate(N hours), rate(N days) or cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *). Default: rate(30 days).',
    ),
  duration: text(/^([1-9]|1\d|2[0-4])h$/, 'Write whole hours, 1h to 24h.')
    .exactOptional()
    .describe(
      'Length of the window in which Secrets Manager may rotate: 3h. Default: 1h for hours, else the rest of the UTC day.',
    ),
  spreadHours: whole(2, 23, 'Write hours, 2 to 23.')
    .exactOptional()
    .describe(
      'Opens the window up to so many hours later, for each secret at an hour of its own. For cron with one hour.',
    ),
  rotateImmediatelyOnUpdate: flag()
    .exactOptional()
    .describe(
      'Rotate as soon as the schedule is deployed or changed. If that rotation fails, later changes fail too. Default: false.',
    ),
  kmsKeyArn: keyArn()
    .exactOptional()
    .describe('The customer managed key that encrypts the secret. Default: the key of AWS, aws/secretsmanager.'),
};

export const defaultsSchema: z.ZodType<RotationConfiguration> = map(rotationKeys);

import * as z from 'zod';
import { type FieldsOf, flag, integer, keyArn, map, optional } from '../../rules/fields.ts';
import { checkSchedule } from '../../rules/schedule-rules.ts';
import { DURATION } from '../../rules/shared-fields.ts';

/** The keys that `defaults` and every entry of `secrets` have. */
export interface RotationConfiguration {
  readonly schedule?: string;
  readonly duration?: string;
  readonly spreadHours?: number;
  readonly rotateImmediatelyOnUpdate?: boolean;
  readonly kmsKeyArn?: string;
}

const schedule = z.string({ error: 'Write rate(30 days) or cron(0 4 1 * ? *).' }).superRefine((value, context) => {
  const check = checkSchedule(value);
  if (check.kind === 'invalid') {
    context.addIssue({ code: 'custom', message: check.rule });
  }
});

export const ROTATION_FIELDS: FieldsOf<RotationConfiguration> = {
  schedule: optional(
    schedule,
    'When to rotate, in UTC: `rate(N hours)`, `rate(N days)` or `cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *)`. At least 4 hours and at most 999 days between two rotations. Default: `rate(30 days)`.',
  ),
  duration: optional(
    DURATION,
    'Length of the window in which Secrets Manager rotates, such as `3h`. Default: `1h` for a schedule in hours, else the rest of the UTC day.',
  ),
  spreadHours: optional(
    integer(2, 23, 'hours'),
    'Distributes the secrets over this number of hours, starting at the hour of the schedule. The name of a secret decides its hour. Only for a cron schedule with one hour. Default: all secrets at the hour of the schedule.',
  ),
  rotateImmediatelyOnUpdate: optional(
    flag(),
    'Rotates when the schedule is deployed or changed. If that rotation fails, later changes of the schedule fail too. Default: `false`.',
  ),
  kmsKeyArn: optional(
    keyArn(),
    'Customer managed key that encrypts the secret. Default: the key `aws/secretsmanager`.',
  ),
};

export const defaultsSchema: z.ZodType<RotationConfiguration> = map(ROTATION_FIELDS);

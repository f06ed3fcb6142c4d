import * as z from 'zod';
import { checkSchedule } from '../schedule-rules.ts';
import { FULL_ARN, type SecretConfiguration } from './configuration.ts';
import { endpoint, flag, map, text } from './fields.ts';

const schedule = z.string({ error: 'Write rate(30 days) or cron(0 4 1 * ? *).' }).superRefine((value, context) => {
  const check = checkSchedule(value);
  if (check.kind === 'invalid') {
    context.addIssue({ code: 'custom', message: check.rule });
  }
});

const rotation = {
  schedule: schedule
    .default('rate(30 days)')
    .describe('When to rotate, in UTC: rate(N hours), rate(N days) or cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *).'),
  duration: text(/^([1-9]|1\d|2[0-4])h$/, 'Write whole hours, 1h to 24h.')
    .exactOptional()
    .describe(
      'Length of the window in which Secrets Manager may rotate: 3h. Default: 1h for hours, else the rest of the UTC day.',
    ),
  rotateImmediatelyOnUpdate: flag()
    .default(false)
    .describe('Rotate as soon as the schedule is deployed or changed. If that rotation fails, later changes fail too.'),
  kmsKeyArn: text(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
    'Write the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID.',
  )
    .exactOptional()
    .describe('The customer managed key that encrypts the secret. Default: the key of AWS, aws/secretsmanager.'),
};

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
    .default('retain')
    .describe('What becomes of the secret when the stack, or this entry, is deleted.'),
  ...rotation,
});

const IN_THE_SECRET =
  ' The endpoint and the username of an existing secret stand in its value; those of a plain user:password in its tag zilliz:endpoint or in function.clusterEndpoint.';

const named = map(
  {
    name: text(/^[\w/+=.@-]{1,512}$/, NAME).describe('Name of an existing secret.'),
    ...rotation,
  },
  IN_THE_SECRET,
);

const byArn = map(
  {
    arn: text(
      FULL_ARN,
      'Write the full ARN: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-123456, its six characters included.',
    ).describe('Full ARN of an existing secret.'),
    ...rotation,
  },
  IN_THE_SECRET,
);

/** The keys that tell the three kinds of entry apart, in the order of the union. */
export const SECRET_KINDS = ['create', 'name', 'arn'] as const;

export const secretSchema: z.ZodType<SecretConfiguration> = z.union([created, named, byArn]);

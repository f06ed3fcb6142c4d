import * as z from 'zod';
import { FAILURES, type FailureCode } from '../../protocol/rotation/failures.ts';
import { STEPS, type Step } from '../../protocol/secret/rotation-step.ts';
import { STRATEGY_NAMES, type StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import { endpoint, integer, list, text } from './fields.ts';

export const USERNAME_RULE =
  'A cluster user starts with a letter and has at most 32 letters, digits and _.- characters.';

/** Fields of the configuration file whose rule also applies to a prop of a construct. */
export const USERNAME: z.ZodString = text(/^[A-Za-z][\w.-]{0,31}$/, USERNAME_RULE);

/** Another rule decides which endpoints are allowed. */
export const ENDPOINT: z.ZodString = z.string({ error: 'Write https://host[:port].' });

const TWO_USERS = 'Write the two users that take turns: [orders_a, orders_b].';

export const USERNAMES: z.ZodType<readonly [string, string]> = z
  .tuple([USERNAME, USERNAME], { error: TWO_USERS })
  .refine(([first, second]) => first !== second, { error: `${TWO_USERS} They must differ.` });

export const STRATEGY: z.ZodType<StrategyName> = z.enum(STRATEGY_NAMES, {
  error: 'Write single-user or alternating-users.',
});

export const STEP: z.ZodType<Step> = z.enum(STEPS, { error: `Give one of ${STEPS.join(', ')}.` });

export const FAILURE_CODE: z.ZodType<FailureCode> = z.enum(Object.keys(FAILURES) as FailureCode[], {
  error: 'Give a code of docs/operations.md, such as CLUSTER_UNREACHABLE.',
});

export const SECRET_NAME: z.ZodString = text(
  /^[\w/+=.@-]{1,512}$/,
  'A secret name has 1 to 512 letters, digits and /_+=.@- characters.',
);

export const NEW_SECRET_NAME: z.ZodString = SECRET_NAME.regex(/^(?!.*-[A-Za-z0-9]{6}$)/, {
  error:
    'A new name must not end in a hyphen and six letters or digits, because Secrets Manager adds such an ending to its ARN.',
});

export const DURATION: z.ZodString = text(/^([1-9]|1\d|2[0-4])h$/, 'Write whole hours from 1h to 24h.');

export const TAG_KEY: z.ZodString = text(
  /^(?![aA][wW][sS]:).{1,128}$/,
  'A tag key has 1 to 128 characters and does not start with aws:, which AWS reserves.',
);

export const TAGS: z.ZodRecord<typeof TAG_KEY, z.ZodString> = z.record(
  TAG_KEY,
  z.string({ error: 'Write a string.' }),
  { error: 'Write a map of tags.' },
);

export const TIMEOUT_SECONDS: z.ZodInt = integer(
  30,
  900,
  'seconds',
  'A shorter step cannot change a password and verify it.',
);

export const MAX_AGE_DAYS: z.ZodInt = integer(1, 1000, 'days');

export const RUNBOOK: z.ZodString = text(/^\S+$/, 'Write an address without spaces.');

export const DESCRIPTION: z.ZodString = z
  .string({ error: 'Write one line of text.' })
  .max(2048, { error: 'Write at most 2,048 characters.' });

export const PRIVATE_LINK_SERVICE: z.ZodString = text(
  /^com\.amazonaws\.vpce\.[a-z0-9-]+\.vpce-svc-[0-9a-f]+$/,
  'Write the service name that the Zilliz Cloud console shows under "Private Endpoint": com.amazonaws.vpce.REGION.vpce-svc-0123456789abcdef0.',
);

export const PRIVATE_LINK_ENDPOINTS: z.ZodArray<z.ZodString> = list(
  endpoint(),
  'Write a list of cluster endpoints.',
  'Write at least one cluster endpoint. Its host gets a private hosted zone in the VPC.',
);

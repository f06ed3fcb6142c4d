import * as z from 'zod';
import { KEY_ID_PATTERN, USERNAME_PATTERN } from '../../protocol/secret/credential-form.ts';
import { STRATEGY_NAMES, type StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { endpointFormProblem } from './cluster-rules.ts';
import { choice, type FieldsOf, integer, list, optional, text } from './fields.ts';
import type { Users } from './strategy-rules.ts';

/** Fields with a rule that holds for the configuration file and for the props of a construct. */

export const keyArn = (): z.ZodString =>
  text(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
    'Write the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID.',
  );

/** The form of an endpoint. Another rule decides which hosts are allowed. */
export const endpoint = (): z.ZodString =>
  z.string({ error: 'Write https://host[:port].' }).superRefine((value, context) => {
    const message = endpointFormProblem(value);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', message });
    }
  });

const FULL_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:([\w/+=.@-]{1,512})-[A-Za-z0-9]{6}$/;

export const secretArn = (): z.ZodString =>
  text(
    FULL_ARN,
    'Write the full ARN, with the six characters at its end: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-123456.',
  );

/** `undefined` if the text is not the full ARN of a secret. */
export function nameInArn(arn: string): string | undefined {
  return FULL_ARN.exec(arn)?.[1];
}

const USERNAME_RULE = 'A cluster user starts with a letter and has at most 32 letters, digits and _.- characters.';

export const USERNAME: z.ZodString = text(USERNAME_PATTERN, USERNAME_RULE);

export const SECRET_NAME: z.ZodString = text(
  /^[\w/+=.@-]{1,512}$/,
  'A secret name has 1 to 512 letters, digits and /_+=.@- characters.',
);

export const NEW_SECRET_NAME: z.ZodString = SECRET_NAME.regex(/^(?!.*-[A-Za-z0-9]{6}$)/, {
  error:
    'A new name must not end in a hyphen and six letters or digits, because Secrets Manager adds such an ending to its ARN.',
});

const TWO_USERS = 'Write the two users that take turns: [orders_a, orders_b].';

const USERNAMES: z.ZodType<readonly [string, string]> = z
  .tuple([USERNAME, USERNAME], { error: TWO_USERS })
  .refine(([first, second]) => first !== second, { error: `${TWO_USERS} They must differ.` });

export const STRATEGY: z.ZodType<StrategyName> = choice(STRATEGY_NAMES);

export const usersFields: FieldsOf<Users> = {
  username: optional(USERNAME, 'Cluster user. The secret must not name another. Default: the user in the secret.'),
  usernames: optional(USERNAMES, 'The two users that take turns, instead of `username`. Default: one user.'),
  apiKeyId: optional(
    text(KEY_ID_PATTERN, 'Write the id of the API key, as the Zilliz Cloud console shows it. Never write the key.'),
    'Id of the first API key in the secret, instead of a user. Needs `endpoint` and `function.managerSecretArn`. Default: a user.',
  ),
  strategy: optional(
    STRATEGY,
    'How a rotation replaces the credential. Default: as `usernames` or `apiKeyId` tells, else `function.strategy`.',
  ),
};

export const TIMEOUT_SECONDS: z.ZodInt = integer(30, 900, 'seconds');

export const MAX_AGE_DAYS: z.ZodInt = integer(1, 1000, 'days');

export const RUNBOOK: z.ZodString = text(/^\S+$/, 'Write an address without spaces.');

export const PRIVATE_LINK_SERVICE: z.ZodString = text(
  // In China, the name starts with cn.
  /^(cn\.)?com\.amazonaws\.vpce\.[a-z0-9-]+\.vpce-svc-[0-9a-f]+$/,
  'Write the service name that the Zilliz Cloud console shows under "Private Endpoint": com.amazonaws.vpce.REGION.vpce-svc-0123456789abcdef0.',
);

export const PRIVATE_LINK_ENDPOINTS: z.ZodArray<z.ZodString> = list(
  endpoint().startsWith('https://', { error: 'Use https://, because PrivateLink reaches Zilliz Cloud only.' }),
  'Write a list of cluster endpoints.',
  'Write at least one cluster endpoint. Its host gets a private hosted zone in the VPC.',
);

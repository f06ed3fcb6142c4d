import * as z from 'zod';
import { type FieldsOf, flag, integer, list, map, optional, removalPolicy, text, unique } from '../rules/fields.ts';
import { scheduleProblem, WINDOW } from '../rules/schedule-rules.ts';
import {
  endpoint,
  keyArn,
  NEW_SECRET_NAME,
  nameInArn,
  SECRET_NAME,
  secretArn,
  USERNAME,
  usersFields,
} from '../rules/shared-fields.ts';
import type { Users } from '../rules/strategy-rules.ts';

/** The keys that `defaults` and every entry of `secrets` have. */
export interface RotationConfiguration {
  readonly schedule?: string;
  readonly duration?: string;
  readonly spreadHours?: number;
  readonly rotateImmediatelyOnUpdate?: boolean;
  readonly kmsKeyArn?: string;
}

export type SecretConfiguration = RotationConfiguration & SecretSource;

/** A new secret, or an existing one by name or by ARN. */
export type SecretSource = NewSecret | NamedSecret | ArnSecret;

interface NewSecret extends Users {
  readonly create: string;
  readonly endpoint: string;
  readonly description?: string;
  readonly removalPolicy?: 'retain' | 'destroy';
  readonly replicaRegions?: readonly string[];
}

interface ExistingSecret extends Users {
  readonly endpoint?: string;
}

type NamedSecret = ExistingSecret & { readonly name: string };
type ArnSecret = ExistingSecret & { readonly arn: string };

/** The key that decides the kind of an entry. The order is that of the union below. */
export const SECRET_KINDS = ['create', 'name', 'arn'] as const;

/** The key of the entry that names the secret. */
export function kindOf(secret: SecretSource): (typeof SECRET_KINDS)[number] {
  return 'create' in secret ? 'create' : 'name' in secret ? 'name' : 'arn';
}

/** The name in Secrets Manager. Construct ids contain the name, so `arn` may replace `name`. */
export function configuredName(secret: SecretSource): string {
  if ('create' in secret) {
    return secret.create;
  }
  return 'name' in secret ? secret.name : (nameInArn(secret.arn) ?? secret.arn);
}

const schedule = z.string({ error: 'Write rate(30 days) or cron(0 4 1 * ? *).' }).superRefine((value, context) => {
  const problem = scheduleProblem(value);
  if (problem !== undefined) {
    context.addIssue({ code: 'custom', message: problem.rule });
  }
});

const rotationFields: FieldsOf<RotationConfiguration> = {
  schedule: optional(
    schedule,
    'In UTC: `rate(N hours)`, `rate(N days)` or `cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *)`, 4 hours to 999 days apart. Default: `rate(30 days)`.',
  ),
  duration: optional(
    WINDOW,
    'Length of the window in which Secrets Manager rotates: `3h`. Default: `1h` for a schedule in hours, else the rest of the UTC day.',
  ),
  spreadHours: optional(
    integer(2, 23, 'hours'),
    'Distributes the secrets over this number of hours, by their names. For a cron schedule with one hour. Default: no distribution.',
  ),
  rotateImmediatelyOnUpdate: optional(
    flag(),
    'Rotates when the schedule is deployed or changed. If that fails, later changes fail too. Default: `false`.',
  ),
  kmsKeyArn: optional(keyArn(), 'Key that encrypts the secret. Default: the key `aws/secretsmanager`.'),
};

const newSecretFields: FieldsOf<NewSecret> = {
  create: NEW_SECRET_NAME.describe('Name of a secret that the stack creates.'),
  endpoint: endpoint().describe('Endpoint of the cluster, as the Zilliz Cloud console shows it.'),
  ...usersFields,
  username: optional(
    USERNAME,
    'Cluster user. It needs no role for the rotation. A name with `.` or `-` needs Milvus 2.6. Default: the first of `usernames`, else required.',
  ),
  apiKeyId: optional(z.string(), 'Only with `name` or `arn`, because a template would show the key. Default: a user.'),
  description: optional(
    z.string({ error: 'Write one line of text.' }),
    'Description of the secret. Default: a sentence that names this product.',
  ),
  removalPolicy: optional(
    removalPolicy(),
    'What happens to the secret when its entry or the stack is deleted. Default: `retain`.',
  ),
  replicaRegions: optional(
    unique(list(text(/^[a-z]+(-[a-z]+)+-\d$/, 'Write the name of a region: eu-west-1.'), 'Write a list of regions.')),
    'Regions with a replica of the secret. Default: none.',
  ),
};

const existingFields: FieldsOf<ExistingSecret> = {
  endpoint: optional(
    endpoint(),
    'Endpoint of the cluster. Value and tag `zilliz:endpoint` of the secret must not name another. Default: the endpoint in the secret.',
  ),
  ...usersFields,
};

const namedFields: FieldsOf<NamedSecret> = {
  name: SECRET_NAME.describe('Name of an existing secret.'),
  ...existingFields,
};

const arnFields: FieldsOf<ArnSecret> = {
  arn: secretArn().describe('Full ARN of an existing secret.'),
  ...existingFields,
};

/** @internal */
export const defaultsSchema: z.ZodType<RotationConfiguration> = map(rotationFields);

/** @internal */
export const secretSchema: z.ZodType<SecretConfiguration> = z.union([
  map({ ...newSecretFields, ...rotationFields }),
  map({ ...namedFields, ...rotationFields }),
  map({ ...arnFields, ...rotationFields }),
]);

import * as z from 'zod';
import type { StrategyName } from '../../../protocol/secret/rotation-strategy.ts';
import { endpoint, type FieldsOf, map, optional, removalPolicy, text } from '../../rules/fields.ts';
import { secretArn } from '../../rules/secret-arn.ts';
import { DESCRIPTION, NEW_SECRET_NAME, SECRET_NAME, STRATEGY, USERNAME, USERNAMES } from '../../rules/shared-fields.ts';
import { ROTATION_FIELDS, type RotationConfiguration } from './rotation-schema.ts';

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

interface NamedSecret extends Target {
  readonly name: string;
}

interface ArnSecret extends Target {
  readonly arn: string;
}

/** The endpoint and users that an existing secret must belong to. */
interface Target extends Users {
  readonly endpoint?: string;
}

/** One user, or two users that take turns. */
interface Users {
  readonly username?: string;
  readonly usernames?: readonly [string, string];
  readonly strategy?: StrategyName;
}

/** The key that decides the kind of an entry. The order is that of the union below. */
export const SECRET_KINDS = ['create', 'name', 'arn'] as const;

const usersFields: Pick<FieldsOf<Users>, 'usernames' | 'strategy'> = {
  usernames: optional(
    USERNAMES,
    'The two cluster users that take turns, with `strategy: alternating-users` and without `username`. Write `endpoint` too. Not with `stacks`. Default: one user.',
  ),
  strategy: optional(
    STRATEGY,
    'With `single-user`, the user changes its own password, which ends the old password. With `alternating-users`, two users take turns, and the old token stays valid until the next rotation. Default: `function.strategy`.',
  ),
};

const newSecretFields: FieldsOf<NewSecret> = {
  create: NEW_SECRET_NAME.describe('Name of a secret that the stack creates.'),
  endpoint: endpoint().describe(
    'Endpoint of the cluster: `https://host[:port]`, as the Zilliz Cloud console shows it.',
  ),
  username: optional(
    USERNAME,
    'Cluster user. The user changes its own password and needs no role for this. A name with `.` or `-` needs Milvus 2.6. Default: the first of `usernames`, else required.',
  ),
  ...usersFields,
  description: optional(DESCRIPTION, 'Description of the secret. Default: a sentence that names this product.'),
  removalPolicy: optional(
    removalPolicy(),
    'Whether the secret is kept or deleted when its entry or the stack is deleted. A failed creation deletes it. Default: `retain`.',
  ),
  replicaRegions: optional(
    z.array(text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'Write the name of a region: eu-west-1.'), {
      error: 'Write a list of regions.',
    }),
    'Regions with a replica of the secret, encrypted by the key `aws/secretsmanager` there. Default: none.',
  ),
};

const targetFields: FieldsOf<Target> = {
  endpoint: optional(
    endpoint(),
    'Endpoint of the cluster. Used if neither the value nor the tag `zilliz:endpoint` of the secret names an endpoint. If they name another endpoint, the function refuses the rotation. Default: the endpoint in the secret.',
  ),
  username: optional(
    USERNAME,
    'Cluster user. If the secret names another user, the function refuses the rotation. Default: the user in the secret.',
  ),
  ...usersFields,
};

const namedFields: FieldsOf<NamedSecret> = {
  name: SECRET_NAME.describe('Name of an existing secret.'),
  ...targetFields,
};

const arnFields: FieldsOf<ArnSecret> = {
  arn: secretArn().describe('Full ARN of an existing secret.'),
  ...targetFields,
};

const ONLY_FOR_NEW = ' description, removalPolicy and replicaRegions are only for a secret with create.';

export const secretSchema: z.ZodType<SecretConfiguration> = z.union([
  map({ ...newSecretFields, ...ROTATION_FIELDS }),
  map({ ...namedFields, ...ROTATION_FIELDS }, ONLY_FOR_NEW),
  map({ ...arnFields, ...ROTATION_FIELDS }, ONLY_FOR_NEW),
]);

import * as z from 'zod';
import { endpoint, type FieldsOf, map, optional, removalPolicy, text } from '../rules/fields.ts';
import { secretArn } from '../rules/secret-arn.ts';
import { NEW_SECRET_NAME, SECRET_NAME, USERNAME } from '../rules/shared-fields.ts';
import { ROTATION_FIELDS, type RotationConfiguration } from './rotation-schema.ts';

export type SecretConfiguration = RotationConfiguration & SecretSource;

/** A new secret, or an existing one by name or by ARN. */
export type SecretSource = NewSecret | NamedSecret | ArnSecret;

interface NewSecret {
  readonly create: string;
  readonly endpoint: string;
  readonly username: string;
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

/** The endpoint and user that an existing secret must belong to. */
interface Target {
  readonly endpoint?: string;
  readonly username?: string;
}

/** The key that decides the kind of an entry. The order is that of the union below. */
export const SECRET_KINDS = ['create', 'name', 'arn'] as const;

const newSecretFields: FieldsOf<NewSecret> = {
  create: NEW_SECRET_NAME.describe('Name of a secret that the stack creates.'),
  endpoint: endpoint().describe(
    'Endpoint of the cluster: `https://host[:port]`, as the Zilliz Cloud console shows it.',
  ),
  username: USERNAME.describe(
    'Cluster user. The user changes its own password and needs no role for this. A name with `.` or `-` needs Milvus 2.6.',
  ),
  description: optional(
    z.string({ error: 'Write one line of text.' }).max(2048, { error: 'Write at most 2,048 characters.' }),
    'Description of the secret. Default: a sentence that names this product.',
  ),
  removalPolicy: optional(
    removalPolicy(),
    'Whether the secret is kept or deleted when its entry or the stack is deleted. Default: `retain`.',
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

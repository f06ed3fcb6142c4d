import { TRANSPORTS } from '../../cluster/transport.ts';
import { ROTATED_SECRETS, SECRET_TARGETS } from '../../secret/rotated-secrets.ts';
import { MINIMUM_GAP_MINUTES } from '../../secret/rotation-strategy.ts';

/** A JSON Schema of one variable. */
interface Variable {
  readonly type: 'string';
  readonly description: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly examples?: readonly string[];
}

type Variables = Readonly<Record<string, Variable>>;

/** @param pattern of a given value. An empty value is like none. */
function variable(description: string, pattern?: string, ...examples: string[]): Variable {
  return {
    type: 'string',
    description,
    ...(pattern !== undefined && { pattern: `^(${pattern})?$` }),
    ...(examples.length > 0 && { examples }),
  };
}

function choice(description: string, values: readonly string[]): Variable {
  return { type: 'string', description, enum: [...values, ''] };
}

const SECRETS = variable(
  'The secrets of the function, with commas between them: orders-?????? for a secret whose suffix is unknown, orders-Ab12Cd, or milvus/* for a folder. Secrets of another account begin with its id and a colon. An empty value refuses every secret. Without the variable, IAM alone decides.',
  undefined,
  'orders-??????,search-??????',
  'milvus/*',
);

const ROTATION: Variables = {
  [ROTATED_SECRETS]: SECRETS,
  [SECRET_TARGETS]: variable(
    'JSON. Endpoint and user that a secret must name, by the name of the secret. Default: none.',
    '\\s*\\{[\\s\\S]*\\}\\s*',
    '{"orders":{"endpoint":"https://host:19530","username":"orders"}}',
  ),
  ALLOWED_ENDPOINTS: variable(
    'Hosts, and domains with a leading dot, that may receive a password. Commas between them. Default: the domains of Zilliz Cloud.',
    undefined,
    '.zillizcloud.com,milvus.example.com',
  ),
  CLUSTER_ENDPOINT: variable('Endpoint of secrets that name none. Default: none.', 'https?://.+', 'https://host:19530'),
  CLUSTER_TRANSPORT: choice('How the function reaches the clusters. Default: grpc.', TRANSPORTS),
  CLUSTER_CA: variable(
    'PEM of a private certificate authority. Default: the authorities of Node.',
    '[\\s\\S]*-----BEGIN CERTIFICATE-----[\\s\\S]*',
  ),
  ALLOW_PLAINTEXT: choice('Allows http:// to hosts other than loopback. Default: false.', ['true', 'false']),
  PASSWORD_LENGTH: variable('8 to 64 characters. Default: 40.', '[89]|[1-5][0-9]|6[0-4]'),
  PASSWORD_EXCLUDE_CHARACTERS: variable('Characters that no generated password contains. Default: none.'),
  [MINIMUM_GAP_MINUTES]: variable(
    'Minutes between two rotations of a secret whose users take turns, 0 to 525600. Default: 120.',
    '[0-9]{1,5}|[1-4][0-9]{5}|5[01][0-9]{4}|52[0-4][0-9]{3}|525[0-5][0-9]{2}|525600',
  ),
  ADMIN_SECRET_ARN: variable(
    'ARN of the secret with an admin credential, used if no stored password is in force. Default: none.',
    'arn:.+:secret:.+',
  ),
  CLUSTER_TIMEOUT_MS: variable(
    'Milliseconds of one request to the cluster, 500 to 60000. Default: 5000.',
    '[5-9][0-9]{2}|[1-9][0-9]{3}|[1-5][0-9]{4}|60000',
  ),
  PROPAGATION_MS: variable(
    'Milliseconds that a new password may need to reach all proxies, 0 to 60000. Default: 10000.',
    '[0-9]{1,4}|[1-5][0-9]{4}|60000',
  ),
};

const OVERDUE: Variables = {
  ROTATION_FUNCTION_ARN: variable('ARN of the rotation function.', 'arn:.+:function:.+'),
  [ROTATED_SECRETS]: SECRETS,
  MAX_AGE_DAYS: variable(
    'Maximum age of a password in days, 1 to 1000. Default: the schedules only.',
    '[1-9][0-9]{0,2}|1000',
  ),
};

function objectWith(properties: Variables, required: readonly string[] = []): object {
  return {
    type: 'object',
    properties,
    required,
    // The runtime, the SDKs and gRPC read variables of their own.
    patternProperties: { '^(AWS|GRPC|NODE|POWERTOOLS)_': { type: 'string' } },
    additionalProperties: false,
  };
}

/** The environment variables of the functions, for deployments without the constructs. */
export function environmentSchema(version: string): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Environment variables of the functions of zilliz-secret-rotation ${version}`,
    description: 'The rotation function. For the check for overdue rotations: #/$defs/overdue.',
    $ref: '#/$defs/rotation',
    $defs: { rotation: objectWith(ROTATION), overdue: objectWith(OVERDUE, ['ROTATION_FUNCTION_ARN']) },
  };
}

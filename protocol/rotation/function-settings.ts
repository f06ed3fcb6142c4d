import { isLoopback, TRANSPORTS, ZILLIZ_CLOUD_DOMAINS } from '../cluster/endpoint.ts';
import { DEFAULT_PROPAGATION_MS } from '../cluster/login.ts';
import { DEFAULT_PASSWORD_POLICY } from '../cluster/password-policy.ts';
import { CONTROL_PLANE_PATHS, DEFAULT_CONTROL_PLANE } from '../keys/control-plane.ts';
import { type PinsLocation, parsePins, parsePinsLocation } from '../secret/pins.ts';
import {
  type PinsBySecret,
  parseRotatedSecrets,
  ROTATED_SECRETS,
  SECRET_TARGETS,
  type SecretPattern,
} from '../secret/rotated-secrets.ts';
import { choice, type FileSetting, flag, itemsIn, type Setting, text, whole } from './setting.ts';

/**
 * The settings of the rotation function. From each entry follow the parser of the environment and
 * the environment that the construct writes. An entry with a `type` is a key of the configuration
 * file and a prop of the construct, whose checks, JSON schemas and table in docs/configuration.md
 * follow too. `FunctionSettings` documents the props.
 *
 * @internal
 */
export const FUNCTION_SETTINGS = {
  allowedEndpoints: {
    variable: 'ALLOWED_ENDPOINTS',
    about: 'Hosts that may receive a password. A leading dot allows all hosts below a domain.',
    type: 'list',
    items: /^(\.?([\w-]+\.)*[\w-]+|[0-9a-fA-F:]+)$/,
    allowed:
      'Write a host (milvus.example.com) or a domain with a leading dot (.example.com), without scheme and port, as an item of a list. The variable has commas between the items, and an empty one is like none. Without the setting, the function allows the domains of Zilliz Cloud.',
    default: ZILLIZ_CLOUD_DOMAINS,
    // The function ignores an item that is no host, because it matches no endpoint.
    parse: itemsIn,
  } satisfies FileSetting<readonly string[]>,
  clusterEndpoint: text({
    variable: 'CLUSTER_ENDPOINT',
    about: 'Endpoint of secrets that name none and have no tag `zilliz:endpoint`.',
    type: 'endpoint',
    allowed: 'Write https://host[:port].',
  }),
  transport: choice({
    variable: 'CLUSTER_TRANSPORT',
    about: 'Protocol to the clusters. Milvus has REST v2 since 2.3.13.',
    words: TRANSPORTS,
    default: 'grpc',
  }),
  allowPlaintext: flag({
    variable: 'ALLOW_PLAINTEXT',
    about: 'Allows `http://` endpoints other than loopback. Only for a network that you control.',
  }),
  certificateAuthority: {
    variable: 'CLUSTER_CA',
    about: 'PEM of the private authority of the cluster, instead of the public authorities.',
    allowed: 'Write PEM text that begins with -----BEGIN CERTIFICATE-----.',
    default: '',
    parse: (given) => (given.includes('-----BEGIN CERTIFICATE-----') ? given : undefined),
    isHidden: true,
  } satisfies Setting<string>,
  passwordLength: whole({
    variable: 'PASSWORD_LENGTH',
    about: 'Length of a generated password.',
    ...{ min: 8, max: 64, unit: 'characters' },
    default: DEFAULT_PASSWORD_POLICY.length,
  }),
  passwordExcludeCharacters: text({
    variable: 'PASSWORD_EXCLUDE_CHARACTERS',
    about: 'Characters that no generated password contains.',
    allowed: 'Write the characters as one string, in YAML in quotes.',
  }),
  minimumGapMinutes: whole({
    variable: 'MINIMUM_GAP_MINUTES',
    about: 'Time between two rotations of a secret with two users.',
    ...{ min: 0, max: 525_600, unit: 'minutes' },
    default: 120,
  }),
  rotatedEvents: flag({
    variable: 'ROTATED_EVENTS',
    about: 'Sends an event to EventBridge after each rotation, for a rule of your own.',
  }),
  controlPlaneUrl: {
    variable: 'CONTROL_PLANE_URL',
    about: 'Address of the control plane of API keys.',
    type: 'text',
    allowed: 'Write https://HOST, without a path.',
    default: DEFAULT_CONTROL_PLANE.url,
    // The function sends the manager key there, so only a server of this machine may lack TLS.
    parse: (given) => {
      const { protocol, hostname = '', origin } = URL.canParse(given) ? new URL(given) : {};
      const isAllowed = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
      return isAllowed && given.replace(/\/$/, '') === origin ? origin : undefined;
    },
  } satisfies FileSetting<string>,
  controlPlanePath: choice({
    variable: 'CONTROL_PLANE_PATH',
    about: 'Path of API keys there, after `/v2/`.',
    words: CONTROL_PLANE_PATHS,
    default: DEFAULT_CONTROL_PLANE.path,
  }),
  controlPlaneSuccessCodes: {
    variable: 'CONTROL_PLANE_SUCCESS_CODES',
    about: 'Codes of the control plane that mean success.',
    type: 'list',
    items: 'whole',
    allowed: 'Write whole numbers: [0, 200], or 0,200 in the variable.',
    default: DEFAULT_CONTROL_PLANE.successCodes,
    parse: (given) => {
      const codes = itemsIn(given).map(Number);
      return codes.length > 0 && codes.every(Number.isInteger) ? codes : undefined;
    },
  } satisfies FileSetting<readonly number[]>,
  rotatedSecrets: {
    variable: ROTATED_SECRETS,
    about:
      'The secrets of the function: orders-?????? for a secret whose suffix is unknown, orders-Ab12Cd, or milvus/* for a folder. Secrets of another account begin with its id and a colon. An empty value refuses every secret. Without the variable, IAM alone decides.',
    allowed: 'Write commas between the secrets.',
    default: undefined,
    parse: parseRotatedSecrets,
  } satisfies Setting<SecretPattern[] | undefined>,
  pins: {
    variable: SECRET_TARGETS,
    about:
      'Endpoint and users that each secret must name: JSON, pins:PREFIX:COUNT for JSON in the secrets PREFIX/0 to PREFIX/(COUNT - 1), or pins:PREFIX:each:all for JSON in the secret PREFIX/NAME of each secret.',
    allowed:
      'Write pins:PREFIX:COUNT or JSON. A key is the name of a secret, or "secret:" and the end of its ARN. If the secret belongs to another account, the account id and a colon come first. Example: {"orders": {"endpoint": "https://host[:port]", "username": "orders"}}. Both inner keys are optional, and "usernames": ["orders_a", "orders_b"] may replace "username".',
    default: undefined,
    parse: (given) => parsePinsLocation(given) ?? parsePins(given),
    isHidden: true,
  } satisfies Setting<PinsBySecret | PinsLocation | undefined>,
  adminSecretArn: {
    variable: 'ADMIN_SECRET_ARN',
    about: 'Secret of a cluster admin, read only if the cluster accepts no stored password.',
    allowed: 'Write the ARN of the secret, with or without its suffix.',
    default: '',
    parse: String,
  } satisfies Setting<string>,
  managerSecretArn: {
    variable: 'MANAGER_SECRET_ARN',
    about: 'Secret with the API key that creates and deletes API keys, read only to rotate a secret with `apiKeyId`.',
    allowed: 'Write the ARN of the secret, with or without its suffix.',
    default: '',
    parse: String,
  } satisfies Setting<string>,
};

/**
 * The settings that only the environment has: neither a key nor a prop.
 *
 * @internal
 */
export const TIME_SETTINGS = {
  clusterTimeoutMs: whole({
    variable: 'CLUSTER_TIMEOUT_MS',
    about: 'Time limit of one request to the cluster.',
    ...{ min: 500, max: 60_000, unit: 'milliseconds' },
    default: 5000,
  }),
  propagationMs: whole({
    variable: 'PROPAGATION_MS',
    about: 'Time that a new password may need to reach all proxies.',
    ...{ min: 0, max: 60_000, unit: 'milliseconds' },
    default: DEFAULT_PROPAGATION_MS,
  }),
};

import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../cluster/endpoint.ts';
import {
  alphabetOf,
  DEFAULT_PASSWORD_POLICY,
  type PasswordPolicy,
  PasswordPolicyError,
} from '../cluster/password-policy.ts';
import { isTransport, type Transport } from '../cluster/transport.ts';
import {
  parseRotatedSecrets,
  parseSecretTargets,
  ROTATED_SECRETS,
  SECRET_TARGETS,
  type SecretPattern,
  type SecretTargets,
} from '../secret/rotated-secrets.ts';
import { DEFAULT_MINIMUM_GAP_MINUTES, MINIMUM_GAP_MINUTES } from '../secret/rotation-strategy.ts';

export interface FunctionConfig {
  readonly endpointRules: EndpointRules;
  readonly defaultEndpoint: string | undefined;
  readonly rotatedSecrets: readonly SecretPattern[] | undefined;
  readonly secretTargets: SecretTargets;
  readonly transport: Transport;
  readonly privateCa: string | undefined;
  readonly passwordPolicy: PasswordPolicy;
  readonly adminSecretArn: string | undefined;
  readonly clusterTimeoutMs: number;
  readonly propagationMs: number;
  readonly minimumGapMs: number;
}

/** An environment variable of the function is invalid. Fix it in the stack and deploy again. */
class ConfigError extends Error {
  override readonly name = 'ConfigError' as const;
}

/**
 * Reads the function's environment. No other module does.
 *
 * - `CLUSTER_ENDPOINT`: endpoint of secrets that name none. Default: none.
 * - `CLUSTER_TRANSPORT`: `grpc` or `rest`. Default: `grpc`.
 * - `ROTATED_SECRETS`: the secrets of this function, see secret/rotated-secrets.ts; empty refuses
 *   every secret. Default: IAM alone decides, for deployments without our construct.
 * - `SECRET_TARGETS`: endpoint and user that a secret must name, see secret/rotated-secrets.ts.
 *   Default: none.
 * - `ALLOWED_ENDPOINTS`: hosts or `.domains`, separated by commas. Default: Zilliz Cloud's
 *   domains.
 * - `ALLOW_PLAINTEXT`: `true` allows `http://` to hosts other than loopback. Default: `false`.
 * - `CLUSTER_CA`: PEM of a private certificate authority. Default: Node's authorities.
 * - `PASSWORD_LENGTH`: 8 to 64. Default: 40.
 * - `PASSWORD_EXCLUDE_CHARACTERS`: characters that no generated password holds. Default: none.
 * - `ADMIN_SECRET_ARN`: admin credential, used if no stored password is in force. Default: none.
 * - `CLUSTER_TIMEOUT_MS`: milliseconds of one request to the cluster, 500 to 60000. Default: 5000.
 * - `PROPAGATION_MS`: milliseconds that a new password may need to reach all proxies, 0 to 60000.
 *   Default: 10000.
 * - `MINIMUM_GAP_MINUTES`: minutes between two rotations of a secret whose users take turns, 0 to
 *   525600. Default: 120.
 *
 * @throws ConfigError naming the variable, its value and what is allowed.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): FunctionConfig {
  const value = (name: string): string | undefined => environment[name] || undefined;
  return {
    endpointRules: {
      allowed: list(value('ALLOWED_ENDPOINTS')) ?? ZILLIZ_CLOUD_DOMAINS,
      allowPlaintext: flag('ALLOW_PLAINTEXT', value('ALLOW_PLAINTEXT')),
    },
    defaultEndpoint: value('CLUSTER_ENDPOINT'),
    rotatedSecrets: patterns(environment[ROTATED_SECRETS]),
    secretTargets: targets(SECRET_TARGETS, value(SECRET_TARGETS)),
    transport: transport('CLUSTER_TRANSPORT', value('CLUSTER_TRANSPORT') ?? 'grpc'),
    privateCa: certificate('CLUSTER_CA', value('CLUSTER_CA')),
    passwordPolicy: policy({
      length: whole('PASSWORD_LENGTH', value('PASSWORD_LENGTH'), 8, 64, DEFAULT_PASSWORD_POLICY.length),
      excludeCharacters: value('PASSWORD_EXCLUDE_CHARACTERS') ?? DEFAULT_PASSWORD_POLICY.excludeCharacters,
    }),
    adminSecretArn: value('ADMIN_SECRET_ARN'),
    clusterTimeoutMs: whole('CLUSTER_TIMEOUT_MS', value('CLUSTER_TIMEOUT_MS'), 500, 60_000, 5000),
    propagationMs: whole('PROPAGATION_MS', value('PROPAGATION_MS'), 0, 60_000, 10_000),
    minimumGapMs:
      60_000 * whole(MINIMUM_GAP_MINUTES, value(MINIMUM_GAP_MINUTES), 0, 525_600, DEFAULT_MINIMUM_GAP_MINUTES),
  };
}

function list(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function patterns(text: string | undefined): SecretPattern[] | undefined {
  return text === undefined ? undefined : parseRotatedSecrets(text);
}

/** The error does not quote the text, because somebody may have written a credential into it. */
function targets(name: string, text: string | undefined): SecretTargets {
  const parsed = text === undefined ? {} : parseSecretTargets(text);
  if (parsed === undefined) {
    throw new ConfigError(
      `${name} cannot be read. Expected JSON. A key is the name of a secret, or "secret:" and the end of its ARN. If the secret belongs to another account, the account id and a colon come first. Example: {"orders": {"endpoint": "https://host[:port]", "username": "orders"}}. Both inner keys are optional, and "usernames": ["orders_a", "orders_b"] may replace "username".`,
    );
  }
  return parsed;
}

function transport(name: string, text: string): Transport {
  if (!isTransport(text)) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected grpc or rest.`);
  }
  return text;
}

function flag(name: string, text: string | undefined): boolean {
  if (text !== undefined && text !== 'true' && text !== 'false') {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected true or false.`);
  }
  return text === 'true';
}

function whole(name: string, text: string | undefined, least: number, most: number, fallback: number): number {
  const number = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected a whole number from ${least} to ${most}.`);
  }
  return number;
}

function certificate(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && !text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ConfigError(
      `${name} is not a certificate. Expected PEM text that begins with -----BEGIN CERTIFICATE-----.`,
    );
  }
  return text;
}

function policy(requested: PasswordPolicy): PasswordPolicy {
  try {
    alphabetOf(requested);
    return requested;
  } catch (error) {
    throw error instanceof PasswordPolicyError ? new ConfigError(error.message) : error;
  }
}

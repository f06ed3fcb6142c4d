import { type EndpointRules, TRANSPORTS, type Transport, ZILLIZ_CLOUD_DOMAINS } from '../cluster/endpoint.ts';
import { DEFAULT_PROPAGATION_MS } from '../cluster/login.ts';
import { DEFAULT_PASSWORD_POLICY, type PasswordPolicy } from '../cluster/password-policy.ts';
import { CONTROL_PLANE_PATHS, type ControlPlaneSettings, DEFAULT_CONTROL_PLANE } from '../keys/control-plane.ts';
import type { PinsLocation } from '../secret/pins.ts';
import { type PinsBySecret, ROTATED_SECRETS, SECRET_TARGETS, type SecretPattern } from '../secret/rotated-secrets.ts';
import {
  certificate,
  codes,
  controlPlanePath,
  controlPlaneUrl,
  flag,
  list,
  patterns,
  pins,
  policy,
  transport,
  type WholeNumbers,
  wholeNumber,
} from './variable-values.ts';

export const DEFAULT_MINIMUM_GAP_MINUTES = 120;

/** What the deployment tells a rotation function in its environment. */
export interface FunctionConfig {
  readonly endpointRules: EndpointRules;
  /**
   * The endpoint of secrets that name none in their value, in the tag `zilliz:endpoint` or in
   * their pins.
   */
  readonly defaultEndpoint: string | undefined;
  /**
   * The secrets that this function rotates. `undefined` refuses no secret and leaves the decision
   * to IAM.
   */
  readonly rotatedSecrets: readonly SecretPattern[] | undefined;
  readonly pins: PinsBySecret | PinsLocation;
  readonly transport: Transport;
  readonly privateCa: string | undefined;
  readonly passwordPolicy: PasswordPolicy;
  /**
   * ARN of the secret with the admin credential, with or without its suffix. The function never
   * rotates it.
   */
  readonly adminSecretArn: string | undefined;
  /**
   * ARN of the secret with the API key that creates and deletes keys, with or without its suffix.
   * The function never rotates it.
   */
  readonly managerSecretArn: string | undefined;
  readonly controlPlane: ControlPlaneSettings;
  /** Milliseconds that one request to the cluster may take. */
  readonly clusterTimeoutMs: number;
  /** Milliseconds that a changed password may need to reach every proxy of the cluster. */
  readonly propagationMs: number;
  /**
   * Milliseconds for which a credential that was replaced stays valid, at least. Only for a secret
   * whose users take turns.
   */
  readonly minimumGapMs: number;
  /** Whether finishSecret sends an event to EventBridge. */
  readonly rotatedEvents: boolean;
}

/** An environment variable. An empty value is like none, except for `ROTATED_SECRETS`. */
interface TextVariable {
  /** The meaning, the limits and the default, for `environment.schema.json` of a release. */
  readonly description: string;
}

interface ChoiceVariable extends TextVariable {
  readonly values: readonly string[];
}

export interface IntegerVariable extends TextVariable, WholeNumbers {}

export type Variable = TextVariable | ChoiceVariable | IntegerVariable;

const DECLARATIONS = {
  [ROTATED_SECRETS]: {
    description:
      'The secrets of the function, with commas between them: orders-?????? for a secret whose suffix is unknown, orders-Ab12Cd, or milvus/* for a folder. Secrets of another account begin with its id and a colon. An empty value refuses every secret. Without the variable, IAM alone decides.',
  },
  [SECRET_TARGETS]: {
    description:
      'Endpoint and users that each secret must name, by the name of the secret: JSON, pins:PREFIX:COUNT for JSON in the secrets PREFIX/0 to PREFIX/(COUNT - 1), or pins:PREFIX:each:all for JSON in the secret PREFIX/NAME of each secret. Default: none.',
  },
  ALLOWED_ENDPOINTS: {
    description:
      'Hosts, and domains with a leading dot, that may receive a password. Commas between them. Default: the domains of Zilliz Cloud.',
  },
  CLUSTER_ENDPOINT: { description: 'Endpoint of secrets that name none. Default: none.' },
  CLUSTER_TRANSPORT: { description: 'How the function reaches the clusters. Default: grpc.', values: TRANSPORTS },
  CLUSTER_CA: { description: 'PEM of a private certificate authority. Default: the authorities of Node.' },
  ALLOW_PLAINTEXT: {
    description: 'Allows http:// to hosts other than loopback. Default: false.',
    values: ['true', 'false'],
  },
  PASSWORD_LENGTH: {
    description: '8 to 64 characters. Default: 40.',
    minimum: 8,
    maximum: 64,
    fallback: DEFAULT_PASSWORD_POLICY.length,
  },
  PASSWORD_EXCLUDE_CHARACTERS: { description: 'Characters that no generated password contains. Default: none.' },
  MINIMUM_GAP_MINUTES: {
    description: 'Minutes between two rotations of a secret whose users take turns, 0 to 525600. Default: 120.',
    minimum: 0,
    maximum: 525_600,
    fallback: DEFAULT_MINIMUM_GAP_MINUTES,
  },
  ADMIN_SECRET_ARN: {
    description:
      'ARN of the secret with an admin credential, used if the cluster accepts no stored password. Default: none.',
  },
  MANAGER_SECRET_ARN: {
    description: 'ARN of the secret with the API key that creates and deletes API keys. Default: none.',
  },
  CONTROL_PLANE_URL: {
    description: `Address of the control plane of Zilliz Cloud. Default: ${DEFAULT_CONTROL_PLANE.url}.`,
  },
  CONTROL_PLANE_PATH: {
    description: `Path of API keys after /v2/. Default: ${DEFAULT_CONTROL_PLANE.path}.`,
    values: CONTROL_PLANE_PATHS,
  },
  CONTROL_PLANE_SUCCESS_CODES: {
    description: `Codes of the control plane that mean success. Commas between them. Default: ${DEFAULT_CONTROL_PLANE.successCodes.join(',')}.`,
  },
  CLUSTER_TIMEOUT_MS: {
    description: 'Milliseconds of one request to the cluster, 500 to 60000. Default: 5000.',
    minimum: 500,
    maximum: 60_000,
    fallback: 5000,
  },
  PROPAGATION_MS: {
    description: 'Milliseconds that a new password may need to reach all proxies, 0 to 60000. Default: 10000.',
    minimum: 0,
    maximum: 60_000,
    fallback: DEFAULT_PROPAGATION_MS,
  },
  ROTATED_EVENTS: {
    description: 'Sends an event to EventBridge after each rotation, which needs events:PutEvents. Default: false.',
    values: ['true', 'false'],
  },
} satisfies Readonly<Record<string, Variable>>;

type VariableName = keyof typeof DECLARATIONS;
type IntegerVariableName = {
  [Name in VariableName]: (typeof DECLARATIONS)[Name] extends IntegerVariable ? Name : never;
}[VariableName];

/** The variables that {@link readConfig} reads, by name. */
export const VARIABLES: Readonly<Record<string, Variable>> = DECLARATIONS;

/** The limits of the variables that are also keys of the configuration file. */
export const LIMITS: Readonly<Record<'PASSWORD_LENGTH' | 'MINIMUM_GAP_MINUTES', WholeNumbers>> = DECLARATIONS;

/**
 * Reads the environment of a rotation function: the function its own, the command that of a
 * deployed one. No other module does.
 *
 * @throws ConfigError naming the variable, its value and what is allowed.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): FunctionConfig {
  const value = (name: VariableName): string | undefined => environment[name] || undefined;
  const whole = (name: IntegerVariableName): number => wholeNumber(name, value(name), DECLARATIONS[name]);
  return {
    endpointRules: {
      allowed: list(value('ALLOWED_ENDPOINTS')) ?? ZILLIZ_CLOUD_DOMAINS,
      allowPlaintext: flag('ALLOW_PLAINTEXT', value('ALLOW_PLAINTEXT')),
    },
    defaultEndpoint: value('CLUSTER_ENDPOINT'),
    // An empty list refuses every secret, so an empty value differs from none.
    rotatedSecrets: patterns(environment[ROTATED_SECRETS]),
    pins: pins(SECRET_TARGETS, value(SECRET_TARGETS)),
    transport: transport('CLUSTER_TRANSPORT', value('CLUSTER_TRANSPORT') ?? 'grpc'),
    privateCa: certificate('CLUSTER_CA', value('CLUSTER_CA')),
    passwordPolicy: policy({
      length: whole('PASSWORD_LENGTH'),
      excludeCharacters: value('PASSWORD_EXCLUDE_CHARACTERS') ?? DEFAULT_PASSWORD_POLICY.excludeCharacters,
    }),
    adminSecretArn: value('ADMIN_SECRET_ARN'),
    managerSecretArn: value('MANAGER_SECRET_ARN'),
    controlPlane: {
      url: controlPlaneUrl('CONTROL_PLANE_URL', value('CONTROL_PLANE_URL') ?? DEFAULT_CONTROL_PLANE.url),
      path: controlPlanePath('CONTROL_PLANE_PATH', value('CONTROL_PLANE_PATH') ?? DEFAULT_CONTROL_PLANE.path),
      successCodes: codes('CONTROL_PLANE_SUCCESS_CODES', value('CONTROL_PLANE_SUCCESS_CODES')),
    },
    clusterTimeoutMs: whole('CLUSTER_TIMEOUT_MS'),
    propagationMs: whole('PROPAGATION_MS'),
    minimumGapMs: 60_000 * whole('MINIMUM_GAP_MINUTES'),
    rotatedEvents: flag('ROTATED_EVENTS', value('ROTATED_EVENTS')),
  };
}

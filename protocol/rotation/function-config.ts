import type { EndpointRules, Transport } from '../cluster/endpoint.ts';
import { alphabetOf, type PasswordPolicy, PasswordPolicyError } from '../cluster/password-policy.ts';
import type { ControlPlaneSettings } from '../keys/control-plane.ts';
import type { PinsLocation } from '../secret/pins.ts';
import type { PinsBySecret, SecretPattern } from '../secret/rotated-secrets.ts';
import { FUNCTION_SETTINGS as SETTINGS, TIME_SETTINGS } from './function-settings.ts';
import { ConfigError, type Setting, settingIn } from './setting.ts';

/** What the deployment tells a rotation function in its environment. */
export interface FunctionConfig {
  readonly endpointRules: EndpointRules;
  /** The endpoint of secrets that name none in their value, in their tag or in their pins. */
  readonly defaultEndpoint: string | undefined;
  /** `undefined` refuses no secret and leaves the decision to IAM. */
  readonly rotatedSecrets: readonly SecretPattern[] | undefined;
  readonly pins: PinsBySecret | PinsLocation;
  readonly transport: Transport;
  readonly privateCa: string | undefined;
  readonly passwordPolicy: PasswordPolicy;
  /** With or without its suffix. The function never rotates this secret. */
  readonly adminSecretArn: string | undefined;
  /** With or without its suffix. The function never rotates this secret. */
  readonly managerSecretArn: string | undefined;
  readonly controlPlane: ControlPlaneSettings;
  readonly clusterTimeoutMs: number;
  readonly propagationMs: number;
  /** How long a replaced credential stays valid, at least, if the users of a secret take turns. */
  readonly minimumGapMs: number;
  readonly rotatedEvents: boolean;
}

/**
 * Reads the environment of a rotation function: the function its own, the command that of a
 * deployed one. No other module does.
 *
 * @throws ConfigError naming the variable, its value and what is allowed.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): FunctionConfig {
  const read = <Value>(setting: Setting<Value>): Value => settingIn(environment, setting);
  return {
    endpointRules: { allowed: read(SETTINGS.allowedEndpoints), allowPlaintext: read(SETTINGS.allowPlaintext) },
    defaultEndpoint: read(SETTINGS.clusterEndpoint) || undefined,
    // An empty list refuses every secret, so an empty value differs from none.
    rotatedSecrets: environment[SETTINGS.rotatedSecrets.variable] === '' ? [] : read(SETTINGS.rotatedSecrets),
    pins: read(SETTINGS.pins) ?? {},
    transport: read(SETTINGS.transport),
    privateCa: read(SETTINGS.certificateAuthority) || undefined,
    passwordPolicy: policy({
      length: read(SETTINGS.passwordLength),
      excludeCharacters: read(SETTINGS.passwordExcludeCharacters),
    }),
    adminSecretArn: read(SETTINGS.adminSecretArn) || undefined,
    managerSecretArn: read(SETTINGS.managerSecretArn) || undefined,
    controlPlane: {
      url: read(SETTINGS.controlPlaneUrl),
      path: read(SETTINGS.controlPlanePath),
      successCodes: read(SETTINGS.controlPlaneSuccessCodes),
    },
    clusterTimeoutMs: read(TIME_SETTINGS.clusterTimeoutMs),
    propagationMs: read(TIME_SETTINGS.propagationMs),
    minimumGapMs: 60_000 * read(SETTINGS.minimumGapMinutes),
    rotatedEvents: read(SETTINGS.rotatedEvents),
  };
}

function policy(requested: PasswordPolicy): PasswordPolicy {
  try {
    alphabetOf(requested);
    return requested;
  } catch (error) {
    throw error instanceof PasswordPolicyError ? new ConfigError(error.message) : error;
  }
}

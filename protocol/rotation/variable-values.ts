import { isLoopback, isTransport, type Transport } from '../cluster/endpoint.ts';
import { alphabetOf, type PasswordPolicy, PasswordPolicyError } from '../cluster/password-policy.ts';
import { CONTROL_PLANE_PATHS, type ControlPlaneSettings, DEFAULT_CONTROL_PLANE } from '../keys/control-plane.ts';
import { type PinsLocation, parsePins, parsePinsLocation } from '../secret/pins.ts';
import { type PinsBySecret, parseRotatedSecrets, type SecretPattern } from '../secret/rotated-secrets.ts';

/** An environment variable of the function is invalid. Fix it in the stack and deploy again. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError' as const;
}

/** Which whole numbers a variable allows. */
export interface WholeNumbers {
  readonly minimum: number;
  readonly maximum: number;
  readonly fallback: number;
}

export function list(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function patterns(text: string | undefined): SecretPattern[] | undefined {
  return text === undefined ? undefined : parseRotatedSecrets(text);
}

/** The error does not quote the text, because somebody may have written a credential into it. */
export function pins(name: string, text = '{}'): PinsBySecret | PinsLocation {
  const parsed = parsePinsLocation(text) ?? parsePins(text);
  if (parsed === undefined) {
    throw new ConfigError(
      `${name} cannot be read. Expected pins:PREFIX:COUNT or JSON. A key is the name of a secret, or "secret:" and the end of its ARN. If the secret belongs to another account, the account id and a colon come first. Example: {"orders": {"endpoint": "https://host[:port]", "username": "orders"}}. Both inner keys are optional, and "usernames": ["orders_a", "orders_b"] may replace "username".`,
    );
  }
  return parsed;
}

export function transport(name: string, text: string): Transport {
  if (!isTransport(text)) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected grpc or rest.`);
  }
  return text;
}

/** The manager key is sent there, so the address must be https, or a server of this machine. */
export function controlPlaneUrl(name: string, text: string): string {
  const { protocol, hostname, origin } = URL.canParse(text) ? new URL(text) : {};
  const isAllowed = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname ?? ''));
  if (!isAllowed || origin === undefined || text.replace(/\/$/, '') !== origin) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected https://HOST, without a path.`);
  }
  return origin;
}

export function controlPlanePath(name: string, text: string): ControlPlaneSettings['path'] {
  const path = CONTROL_PLANE_PATHS.find((known) => known === text);
  if (path === undefined) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected ${CONTROL_PLANE_PATHS.join(' or ')}.`);
  }
  return path;
}

export function codes(name: string, text: string | undefined): readonly number[] {
  const numbers = list(text)?.map(Number) ?? DEFAULT_CONTROL_PLANE.successCodes;
  if (numbers.length === 0 || !numbers.every(Number.isInteger)) {
    throw new ConfigError(
      `${name} is ${JSON.stringify(text)}. Expected whole numbers with commas between them: 0,200.`,
    );
  }
  return numbers;
}

export function flag(name: string, text: string | undefined): boolean {
  if (text !== undefined && text !== 'true' && text !== 'false') {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected true or false.`);
  }
  return text === 'true';
}

export function wholeNumber(
  name: string,
  text: string | undefined,
  { minimum, maximum, fallback }: WholeNumbers,
): number {
  const number = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(number) || number < minimum || number > maximum) {
    throw new ConfigError(`${name} is ${JSON.stringify(text)}. Expected a whole number from ${minimum} to ${maximum}.`);
  }
  return number;
}

export function certificate(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && !text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ConfigError(
      `${name} is not a certificate. Expected PEM text that begins with -----BEGIN CERTIFICATE-----.`,
    );
  }
  return text;
}

export function policy(requested: PasswordPolicy): PasswordPolicy {
  try {
    alphabetOf(requested);
    return requested;
  } catch (error) {
    throw error instanceof PasswordPolicyError ? new ConfigError(error.message) : error;
  }
}

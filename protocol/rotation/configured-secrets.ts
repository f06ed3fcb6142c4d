import { EndpointError, type EndpointRules, endpointUrl, parseEndpoint } from '../cluster/endpoint.ts';
import type { UsableCredential } from '../credential/stored-credential.ts';
import { isRotated, type Pins, usersOf } from '../secret/rotated-secrets.ts';
import { RotationError } from './errors.ts';
import type { FunctionConfig } from './function-config.ts';
import type { RotationPorts } from './ports.ts';

/**
 * Refuses a secret that the configuration does not name, before any of its content is read. IAM
 * refuses such a secret as well, unless the secret's own resource policy admits the function's
 * role. Then the owner of that secret could use the function, its network and its admin
 * credential.
 *
 * @param secretArn from the event, which can hold a name or a partial ARN, or the full ARN from
 * DescribeSecret. The owner of a secret does not choose its ARN.
 */
export function requireConfigured(
  secretArn: string,
  { config, functionArn }: Pick<RotationPorts, 'config' | 'functionArn'>,
): void {
  const { rotatedSecrets, adminSecretArn, managerSecretArn } = config;
  for (const [what, arn] of [
    ['admin', adminSecretArn],
    ['manager', managerSecretArn],
  ]) {
    if (arn !== undefined && isSecret(secretArn, arn)) {
      throw new RotationError('SECRET_NOT_CONFIGURED', `${secretArn} is the ${what} secret, which is only read.`);
    }
  }
  if (rotatedSecrets !== undefined && !isRotated(secretArn, rotatedSecrets, functionArn)) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secretArn} is not a secret of this function's configuration.`);
  }
}

/** @param named a full ARN, or an ARN without its suffix of six characters. */
function isSecret(secretArn: string, named: string): boolean {
  return (
    secretArn === named || /^-[A-Za-z0-9]{6}$/.test(secretArn.startsWith(named) ? secretArn.slice(named.length) : '')
  );
}

/**
 * Refuses a current version that names another endpoint or user than the configuration pins for
 * its secret.
 */
export function requirePinned(
  { versionId, credentials: { endpoint, username } }: UsableCredential,
  pins: Pins,
  secretName: string,
  { endpointRules }: FunctionConfig,
): void {
  const version = `The AWSCURRENT version ${versionId}`;
  const advice = `Store the right value in ${secretName}, or correct its entry in the configuration and deploy it`;
  const contradicted = contradictedPin({ endpoint: endpoint.url, username }, pins);
  if (contradicted === 'endpoint') {
    requireAllowed(pins.endpoint ?? '', endpointRules);
    throw new RotationError(
      'ENDPOINT_REFUSED',
      `${version} names ${endpoint.url}, but the function's configuration names ${pins.endpoint}. ${advice}.`,
    );
  }
  if (contradicted === 'user') {
    // The name may be a password: in a value with user and password swapped, it is.
    throw new RotationError(
      'CURRENT_INVALID',
      `${version} names another user than the function's configuration, which names ${usersOf(pins).join(' and ')}. ${advice}.`,
    );
  }
}

/** The pin that a version contradicts. */
export function contradictedPin(
  { endpoint, username }: { readonly endpoint: string; readonly username: string },
  pins: Pins,
): 'endpoint' | 'user' | undefined {
  if (pins.endpoint !== undefined && endpointUrl(pins.endpoint) !== endpointUrl(endpoint)) {
    return 'endpoint';
  }
  const users = usersOf(pins);
  return users.length === 0 || users.includes(username) ? undefined : 'user';
}

function requireAllowed(pinned: string, rules: EndpointRules): void {
  try {
    parseEndpoint(pinned, rules);
  } catch (error) {
    throw error instanceof EndpointError
      ? new RotationError('ENDPOINT_REFUSED', `The function's configuration cannot be used. ${error.message}`)
      : error;
  }
}

import { EndpointError, type EndpointRules, endpointUrl, isLoopback, parseEndpoint } from '../cluster/endpoint.ts';
import { readVersion } from '../credential/read-version.ts';
import type { UsableCredential } from '../credential/stored-credential.ts';
import { formOf } from '../secret/credential-form.ts';
import { isPinsLocation } from '../secret/pins.ts';
import { findPins, isRotated, type Pins, type PinsBySecret, usersOf } from '../secret/rotated-secrets.ts';
import { RotationError } from './errors.ts';
import type { FunctionConfig } from './function-config.ts';
import type { RotationPorts } from './ports.ts';
import { readPorts, unusable } from './read-versions.ts';
import { strategyOf } from './strategies/strategies.ts';
import type { Attempt, Strategy } from './strategies/strategy.ts';

/**
 * Refuses a secret that the configuration does not name, before any of its content is read. IAM
 * does not, if the secret's own resource policy admits the function's role. Then the owner of that
 * secret could use the function, its network and its admin credential.
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
 * The pins of a secret, and the strategy that they tell. Without an entry: no pins, and the default
 * strategy.
 *
 * @throws RotationError SECRET_NOT_CONFIGURED if the pins are complete and lack the secret: its
 * schedule outlives its entry, and without pins it would rotate as a secret of any user. Also if
 * the pins lack an endpoint that the strategy needs: whoever may write the secret could choose the
 * host that gets a new API key. PINS_UNREADABLE if the pins lack what their strategy needs.
 */
export function requireEntry(
  secret: { readonly arn: string; readonly name: string },
  bySecret: PinsBySecret,
  { config, functionArn }: Pick<RotationPorts, 'config' | 'functionArn'>,
): Pick<Attempt, 'pins' | 'strategy'> {
  const entry = findPins(secret, bySecret, functionArn);
  if (entry === undefined && isPinsLocation(config.pins) && config.pins.isComplete) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secret.arn} has no entry in this function's configuration.`);
  }
  const pins = entry ?? {};
  const strategy = strategyOf(pins);
  if (strategy.mustPin && pins.endpoint === undefined) {
    throw new RotationError(
      'SECRET_NOT_CONFIGURED',
      `The entry of ${secret.arn} in this function's configuration names no endpoint, which ${strategy.name} needs.`,
    );
  }
  if (!strategy.canUse(pins)) {
    throw new RotationError('PINS_UNREADABLE', `The pins of the secret are not those of ${strategy.name}.`);
  }
  return { pins, strategy };
}

/** Reads the version whose endpoint and user every other version is compared with. */
export async function requireCurrent(
  ports: RotationPorts,
  currentId: string,
  { description, pins, strategy }: Pick<Attempt, 'description' | 'pins' | 'strategy'>,
): Promise<UsableCredential> {
  const stored = await readVersion(description, currentId, readPorts(ports, pins));
  if (stored.kind === 'unusable') {
    throw unusable(stored, `The AWSCURRENT version ${currentId}`, 'CURRENT_INVALID', 'CURRENT_INVALID');
  }
  const { endpoint } = stored.credentials;
  if (!endpoint.tls && !isLoopback(endpoint.host)) {
    ports.report({ event: 'plaintext-endpoint', endpoint: endpoint.url });
  }
  requireForm(stored.credentials, strategy, `The AWSCURRENT version ${currentId}`);
  requirePinned(stored, pins, description.name, ports.config);
  return stored;
}

function requireForm(credentials: UsableCredential['credentials'], strategy: Strategy, version: string): void {
  const [held, rotated] = [formOf(credentials), formOf(strategy)];
  if (held !== rotated) {
    throw new RotationError(
      'CURRENT_INVALID',
      `${version} holds ${held.noun}, and the configuration names the strategy ${strategy.name}, which rotates ${rotated.noun}.`,
    );
  }
}

/** Refuses a current version that names another endpoint or user than the pins of its secret. */
function requirePinned(
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

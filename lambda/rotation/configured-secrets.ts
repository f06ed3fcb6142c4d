import { type Endpoint, EndpointError, parseEndpoint } from '../../cluster/endpoint.ts';
import type { SecretDescription } from '../../secret/store.ts';
import { RotationError } from './errors.ts';
import type { RotationSettings, SecretTarget, StoredCredential } from './ports.ts';

/**
 * Refuses a secret that is not of this function's configuration, before anything of it is read. IAM refuses it too, unless
 * its own resource policy lets the function's role in: whoever owns such a secret could have the function, its network
 * place and its admin credential work for them.
 *
 * @param secretId the ARN from the event: its owner does not choose what stands in it.
 */
export function requireConfigured(secretId: string, { rotatedSecrets, functionAccount }: RotationSettings): void {
  const parts = secretId.split(':');
  const [account = '', resource] = [parts[4], parts.slice(6).join(':')];
  const isNamed = (entry: string): boolean => {
    const [, named = functionAccount, pattern = ''] = /^(?:(\d{12}):)?(.*)$/.exec(entry) ?? [];
    return named === account && covers(pattern, resource);
  };
  if (rotatedSecrets !== undefined && !rotatedSecrets.some(isNamed)) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secretId} is not a secret of this function's configuration.`);
  }
}

/** The two wildcards that the policy of the function's role has, and only where it has them: at the end. */
function covers(pattern: string, resource: string): boolean {
  if (pattern.endsWith('*')) {
    return resource.startsWith(pattern.slice(0, -1));
  }
  const fixed = pattern.replace(/\?+$/, '');
  return resource.startsWith(fixed) && resource.length === pattern.length;
}

/** What the configuration says of this secret: where it belongs, for one that does not say so or must not say otherwise. */
export function targetOf({ name }: SecretDescription, { secretTargets }: RotationSettings): SecretTarget {
  return Object.hasOwn(secretTargets, name) ? (secretTargets[name] ?? {}) : {};
}

/** Holds the current version to what the configuration says of its secret, before any connection. */
export function requireTarget(
  current: StoredCredential,
  description: SecretDescription,
  settings: RotationSettings,
): void {
  const target = targetOf(description, settings);
  const { endpoint, username } = current.credentials;
  const version = `The AWSCURRENT version ${current.versionId}`;
  const wayOut = `Store the right value in ${description.name}, or correct its entry in the configuration and deploy it`;
  if (target.endpoint !== undefined && pinned(target.endpoint, settings).url !== endpoint.url) {
    throw new RotationError(
      'ENDPOINT_REFUSED',
      `${version} names ${endpoint.url}, and the function's configuration ${target.endpoint}. ${wayOut}.`,
    );
  }
  if (target.username !== undefined && target.username !== username) {
    throw new RotationError(
      'CURRENT_INVALID',
      `${version} names the user ${username}, and the function's configuration ${target.username}. ${wayOut}.`,
    );
  }
}

function pinned(endpoint: string, { endpointRules }: RotationSettings): Endpoint {
  try {
    return parseEndpoint(endpoint, endpointRules);
  } catch (error) {
    throw error instanceof EndpointError
      ? new RotationError('ENDPOINT_REFUSED', `The function's configuration cannot be used. ${error.message}`)
      : error;
  }
}

import { type Endpoint, EndpointError, parseEndpoint } from '../../cluster/endpoint.ts';
import { isRotated, targetFor } from '../../secret/rotated-secrets.ts';
import type { SecretDescription } from '../../secret/store.ts';
import { RotationError } from './errors.ts';
import type { RotationSettings, StoredCredential } from './ports.ts';

/**
 * Refuses a secret that is not of this function's configuration, before anything of it is read. IAM refuses it too, unless
 * its own resource policy lets the function's role in: whoever owns such a secret could have the function, its network
 * place and its admin credential work for them.
 *
 * @param secretId the ARN from the event: its owner does not choose what stands in it.
 */
export function requireConfigured(secretId: string, { rotatedSecrets, functionAccount }: RotationSettings): void {
  if (rotatedSecrets !== undefined && !isRotated(secretId, rotatedSecrets, functionAccount)) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secretId} is not a secret of this function's configuration.`);
  }
}

/** Holds the current version to what the configuration says of its secret, before any connection. */
export function requireTarget(
  current: StoredCredential,
  description: SecretDescription,
  settings: RotationSettings,
): void {
  const target = targetFor(description.name, settings.secretTargets);
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

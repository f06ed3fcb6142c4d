import type { UsableCredential } from '../credential/stored-credential.ts';
import { type ControlPlane, type DescribedKey, MAX_KEYS } from '../keys/control-plane.ts';
import { isOfSecret } from '../keys/rotated-key.ts';
import type { Pins } from '../secret/rotated-secrets.ts';
import type { SecretDescription } from '../secret/secret-store.ts';
import { RotationError } from './errors.ts';
import type { FunctionConfig } from './function-config.ts';
import type { RotationPorts } from './ports.ts';

interface KeyPorts extends Pick<RotationPorts, 'readSecret' | 'connectControlPlane'> {
  readonly config: Pick<FunctionConfig, 'managerSecretArn'>;
}

/**
 * Opens the control plane with the manager key, which only this function reads.
 *
 * @param rotated the credentials that are to be replaced or deleted.
 * @throws RotationError MANAGER_REJECTED before anything is sent.
 */
export async function openKeys(
  { config: { managerSecretArn }, readSecret, connectControlPlane }: KeyPorts,
  ...rotated: ReadonlyArray<Pick<UsableCredential, 'credentials'>>
): Promise<ControlPlane> {
  if (managerSecretArn === undefined) {
    throw new RotationError(
      'MANAGER_REJECTED',
      'The configuration of the function names no manager secret (managerSecretArn).',
    );
  }
  const managerKey = readManagerKey(await readSecret(managerSecretArn));
  if (managerKey === undefined) {
    throw new RotationError(
      'MANAGER_REJECTED',
      'The manager secret holds no API key. Expected the key alone, or JSON with the key "apiKey".',
    );
  }
  // After the key is deleted, nothing could create another one.
  if (rotated.some(({ credentials }) => credentials.password === managerKey)) {
    throw new RotationError('MANAGER_REJECTED', 'The manager secret holds a key that is to be rotated or deleted.');
  }
  return await connectControlPlane(managerKey);
}

/** Reads the manager secret: the key alone, or JSON with the key `apiKey`. `undefined`: neither. */
export function readManagerKey(text: string): string | undefined {
  let key: unknown = text.trim();
  try {
    key = (JSON.parse(text) as { apiKey?: unknown } | null)?.apiKey;
  } catch {
    // A key alone is no JSON.
  }
  return typeof key === 'string' && /^[^\s:{}"]+$/.test(key) ? key : undefined;
}

/** The role with which the control plane creates no key. ASSUMPTION keys-owner */
const OWNER = 'Owner';

/**
 * The key with this id, if the control plane can create another one with its role and scope.
 *
 * @throws RotationError KEY_NOT_ROTATABLE. The message quotes no id that the control plane does not
 * know, because it may be a key.
 */
export function requireCopyable(keys: readonly DescribedKey[], id: string): DescribedKey {
  const key = keys.find((listed) => listed.id === id);
  if (key === undefined) {
    throw new RotationError(
      'KEY_NOT_ROTATABLE',
      "The id belongs to no customized key of the manager's organization: it is the id of a personal key, of a key of another organization, or of a deleted one.",
    );
  }
  if (key.scope.orgRole === OWNER) {
    throw new RotationError(
      'KEY_NOT_ROTATABLE',
      `The API key ${id} has the role Owner, and the control plane creates no such key.`,
    );
  }
  return key;
}

/**
 * The current key as the control plane describes it. A rotation of this secret must have created
 * the key, or the deployment pins it. Otherwise whoever may write the secret could have any key of
 * the organization copied.
 *
 * @throws RotationError KEY_NOT_ROTATABLE
 */
export function requireRotatable(
  keys: readonly DescribedKey[],
  { versionId, credentials }: UsableCredential,
  secret: SecretDescription,
  { apiKeyId }: Pins,
): DescribedKey {
  const key = requireCopyable(keys, credentials.username);
  if (key.id !== apiKeyId && !isOfSecret(key, secret)) {
    throw new RotationError(
      'KEY_NOT_ROTATABLE',
      `The AWSCURRENT version ${versionId} names the API key ${key.id}, which no rotation of this secret created and apiKeyId in the configuration does not name.`,
    );
  }
  return key;
}

/** @throws RotationError KEY_QUOTA if the organization can have no key more. */
export function requireRoom(count: number): void {
  if (count >= MAX_KEYS) {
    throw new RotationError('KEY_QUOTA', `The organization has ${count} of ${MAX_KEYS} API keys.`, 'current');
  }
}

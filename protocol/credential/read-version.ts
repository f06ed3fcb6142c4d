import { type SecretDescription, type SecretStore, SecretStoreError } from '../secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../secret/versions.ts';
import { type EndpointOptions, readStoredCredential, type StoredCredential } from './stored-credential.ts';

export interface ReadPorts {
  readonly store: Pick<SecretStore, 'read'>;
  readonly endpoints: EndpointOptions;
}

/**
 * Reads any version. Older versions may be gone, or hold another format or another user's
 * credential.
 *
 * @throws SecretStoreError
 */
export async function readVersion(
  secret: Pick<SecretDescription, 'tags'>,
  versionId: string,
  { store, endpoints }: ReadPorts,
): Promise<StoredCredential> {
  return readStoredCredential({ versionId, text: await store.read(versionId), tags: secret.tags }, endpoints);
}

/**
 * Reads a version, which is unusable if AWS denies access to it. After a change of the secret's
 * KMS key, only versions with AWS's labels are encrypted with the new key.
 *
 * @throws SecretStoreError for every other failure of the read.
 */
export async function readVersionUnlessDenied(...args: Parameters<typeof readVersion>): Promise<StoredCredential> {
  try {
    return await readVersion(...args);
  } catch (error) {
    if (error instanceof SecretStoreError && error.kind === 'denied') {
      return { kind: 'unusable', reason: 'denied', problem: error.message };
    }
    throw error;
  }
}

/** @throws SecretStoreError */
export async function readCurrent(secret: SecretDescription, ports: ReadPorts): Promise<StoredCredential> {
  const versionId = holderOf(secret, AWSCURRENT);
  return versionId === undefined
    ? { kind: 'unusable', reason: 'no-value', problem: 'The secret has no AWSCURRENT version.' }
    : await readVersion(secret, versionId, ports);
}

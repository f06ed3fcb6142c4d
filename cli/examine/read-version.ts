import {
  type EndpointOptions,
  readStoredCredential,
  type StoredCredential,
} from '../../credential/stored-credential.ts';
import { type SecretDescription, type SecretStore, SecretStoreError } from '../../secret/store.ts';
import { AWSCURRENT, holderOf } from '../../secret/versions.ts';

export interface ReadPorts {
  readonly store: Pick<SecretStore, 'read'>;
  readonly endpoints: EndpointOptions;
}

/** @throws SecretStoreError */
export async function readVersion(
  secret: SecretDescription,
  versionId: string,
  { store, endpoints }: ReadPorts,
): Promise<StoredCredential> {
  return readStoredCredential({ versionId, text: await store.read(versionId), tags: secret.tags }, endpoints);
}

/**
 * Reads a version other than AWSCURRENT. If AWS denies access to it, it is not usable: after a
 * change of the secret's KMS key, an old version may still need the old key.
 *
 * @throws SecretStoreError for every other failure
 */
export async function readUnlessDenied(
  ...[secret, versionId, ports]: Parameters<typeof readVersion>
): Promise<StoredCredential> {
  try {
    return await readVersion(secret, versionId, ports);
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
    : readVersion(secret, versionId, ports);
}

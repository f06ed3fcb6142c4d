import {
  type EndpointOptions,
  readStoredCredential,
  type StoredCredential,
} from '../../protocol/credential/stored-credential.ts';
import type { SecretDescription, SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';

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

/** @throws SecretStoreError */
export async function readCurrent(secret: SecretDescription, ports: ReadPorts): Promise<StoredCredential> {
  const versionId = holderOf(secret, AWSCURRENT);
  return versionId === undefined
    ? { kind: 'unusable', reason: 'no-value', problem: 'The secret has no AWSCURRENT version.' }
    : readVersion(secret, versionId, ports);
}

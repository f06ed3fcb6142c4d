import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';

/** A stored version that is not AWSCURRENT yet. */
export interface NewVersion {
  readonly versionId: string;
  readonly credentials: Credentials;
  /** Call this only if the password is not in force, or if another version holds it too. */
  removeSentLabel(): Promise<unknown>;
}

/**
 * Stores the value of AWSCURRENT with another password. The new version has a sent label, so
 * Secrets Manager does not delete it.
 *
 * @throws SecretStoreError
 */
export async function storeNewVersion(
  current: UsableCredential,
  password: string,
  { store, randomId }: { store: SecretStore; randomId: () => string },
): Promise<NewVersion> {
  const versionId = randomId();
  const label = sentLabel(versionId);
  await store.put({ versionId, value: current.withCredential({ password }), labels: [label] });
  return {
    versionId,
    credentials: { ...current.credentials, password },
    removeSentLabel: () => store.removeLabel({ label, from: versionId }),
  };
}

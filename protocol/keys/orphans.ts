import type { StoredCredential } from '../credential/stored-credential.ts';
import type { SecretDescription } from '../secret/secret-store.ts';
import type { DescribedKey } from './control-plane.ts';
import { isOfSecret, keyName } from './rotated-key.ts';

/**
 * The keys that a rotation of this secret created and no version names: the process ended before it
 * stored the key. An older version can still name a key, so every version counts. If one cannot be
 * read, no key is an orphan for certain.
 *
 * @param readVersions reads every version. Called only if a key may be an orphan
 * @param token of the rotation that asks, whose version holds no key yet
 */
export async function findOrphans(
  keys: readonly DescribedKey[],
  secret: SecretDescription,
  readVersions: () => Promise<readonly StoredCredential[]>,
  token?: string,
): Promise<readonly DescribedKey[]> {
  const labelled = secret.versions.map(({ versionId }) => versionId).filter((versionId) => versionId !== token);
  const candidates = keys.filter(
    (key) => isOfSecret(key, secret) && !labelled.some((versionId) => key.name === keyName(secret, versionId)),
  );
  if (candidates.length === 0) {
    return [];
  }
  const versions = await readVersions();
  if (versions.some((stored) => stored.kind === 'unusable' && stored.reason === 'denied')) {
    return [];
  }
  const named = versions.map(keyIdOf);
  return candidates.filter(({ id }) => !named.includes(id));
}

/** @returns undefined if the version holds no API key. */
export function keyIdOf(stored: StoredCredential): string | undefined {
  return stored.kind === 'usable' && stored.credentials.form === 'api-key' ? stored.credentials.username : undefined;
}

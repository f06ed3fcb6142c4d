import { createHash } from 'node:crypto';
import type { StoredCredential } from '../credential/stored-credential.ts';
import { formOf } from '../secret/credential-form.ts';
import type { SecretDescription } from '../secret/secret-store.ts';
import type { ControlPlane, DescribedKey, KeyScope } from './control-plane.ts';

/** Characters. ASSUMPTION keys-names */
const MAX_NAME = 64;
const MAX_DESCRIPTION = 255;

/** The name of the key that a rotation creates: the secret's name, maybe cut, and the token. */
export function keyName({ name }: Pick<SecretDescription, 'name'>, token: string): string {
  const prefix = name.slice(0, Math.max(0, MAX_NAME - token.length - 1));
  return prefix === '' ? token : `${prefix}/${token}`;
}

/** The description of each key that a rotation creates for a secret. */
export function keyDescription({ arn }: Pick<SecretDescription, 'arn'>): string {
  const text = `zilliz-secret-rotation ${arn}`;
  const hash = createHash('sha256').update(arn).digest('hex').slice(0, 32);
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - hash.length - 1)} ${hash}`;
}

/**
 * Whether a rotation of this secret created the key. A person can copy a description to another
 * key, but not by chance a name that ends in a token.
 */
export function isOfSecret(
  { name, description }: Pick<DescribedKey, 'name' | 'description'>,
  secret: Pick<SecretDescription, 'arn' | 'name'>,
): boolean {
  const token = name.slice(name.lastIndexOf('/') + 1);
  return description === keyDescription(secret) && name === keyName(secret, token);
}

/** The control plane lists projects in any order. */
export function sameScope(a: KeyScope, b: KeyScope): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ orgRole, projects }: KeyScope): string {
  const texts = projects.map(({ projectId, role, allCluster, clusterIds, allVolume, volumeIds }) =>
    JSON.stringify([projectId, role, allCluster, clusterIds, allVolume, volumeIds]),
  );
  return JSON.stringify([orgRole, texts.toSorted()]);
}

/**
 * The keys that a rotation of this secret created and no version names, not even an older one: the
 * process ended before it stored the key. If a version cannot be read, no key is an orphan.
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
  const own = keys.filter((key) => isOfSecret(key, secret));
  // The names of labelled versions are those of their keys, unless an answer came so late that an
  // attempt had created another key of the same name.
  const candidates = own.filter(
    ({ id, name }) =>
      !labelled.some((versionId) => name === keyName(secret, versionId)) ||
      own.some((other) => other.name === name && other.id !== id),
  );
  if (candidates.length === 0) {
    return [];
  }
  const versions = await readVersions();
  return candidates.filter(({ id }) => !versions.some((stored) => mayName(stored, id)));
}

/** Deletes keys whose text nobody can know. */
export async function deleteOrphans(
  orphans: ReadonlyArray<{ readonly id: string }>,
  controlPlane: ControlPlane,
  report: (event: { event: 'key-deleted'; keyId: string; why: 'orphan' }) => void,
): Promise<void> {
  for (const { id } of orphans) {
    await controlPlane.delete(id);
    report({ event: 'key-deleted', keyId: id, why: 'orphan' });
  }
}

/** The id of the API key that a version names, also if the version is no usable credential. */
export function keyIdOf(stored: StoredCredential): string | undefined {
  if (stored.kind === 'unusable') {
    return stored.keyId;
  }
  return formOf(stored.credentials).pins(stored.credentials.username).apiKeyId;
}

/** Whether a version names the key, or may: AWS denies it, or it is broken JSON with the id. */
export function mayName(stored: StoredCredential, keyId: string): boolean {
  const isUnknown = stored.kind === 'unusable' && (stored.reason === 'denied' || stored.mentions?.(keyId) === true);
  return isUnknown || keyIdOf(stored) === keyId;
}

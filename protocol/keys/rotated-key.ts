import { createHash } from 'node:crypto';
import type { SecretDescription } from '../secret/secret-store.ts';
import type { DescribedKey, KeyScope } from './control-plane.ts';

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

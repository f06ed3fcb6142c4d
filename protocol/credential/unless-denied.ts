import { SecretStoreError } from '../secret/secret-store.ts';
import type { StoredCredential } from './stored-credential.ts';

/**
 * Makes a version unusable if AWS denies access to it. After a change of the secret's KMS key,
 * only the versions with AWS's labels are encrypted with the new key. Any other version needs a
 * permission for the old key.
 *
 * @throws SecretStoreError for every other failure of the read.
 */
export async function unlessDenied(read: Promise<StoredCredential>): Promise<StoredCredential> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof SecretStoreError && error.kind === 'denied') {
      return { kind: 'unusable', reason: 'denied', problem: error.message };
    }
    throw error;
  }
}

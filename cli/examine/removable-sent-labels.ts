import { reasonToSkip, type StoredCredential } from '../../protocol/credential/stored-credential.ts';
import { unlessDenied } from '../../protocol/credential/unless-denied.ts';
import type { ListedVersion, SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSPENDING, hasSentLabel, holderOf } from '../../protocol/secret/versions.ts';
import { type ReadPorts, readVersion } from './read-version.ts';
import type { AcceptedCredential } from './search-versions.ts';

/**
 * Finds the versions whose sent label a repair may remove: versions with an older password for the
 * user and endpoint of the password in force, then versions without a credential. The pending
 * version keeps its label, because its password may be on its way to the cluster.
 *
 * @returns the oldest of each kind first
 * @throws SecretStoreError
 */
export async function findRemovableSentLabels(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { credentials }: AcceptedCredential,
  ports: ReadPorts,
): Promise<readonly string[]> {
  const pending = holderOf(secret, AWSPENDING);
  const obsolete: string[] = [];
  const withoutCredential: string[] = [];
  for (const { versionId } of listed.toSorted((a, b) => a.createdAt - b.createdAt)) {
    if (hasSentLabel(secret, versionId) && versionId !== pending) {
      const stored = await unlessDenied(readVersion(secret, versionId, ports));
      const why = reasonToSkip(stored, credentials);
      if (why === 'unreadable' || why === 'not a credential') {
        withoutCredential.push(versionId);
      } else if (why === undefined && passwordOf(stored) !== credentials.password) {
        obsolete.push(versionId);
      }
    }
  }
  return [...obsolete, ...withoutCredential];
}

function passwordOf(stored: StoredCredential): string | undefined {
  return stored.kind === 'usable' ? stored.credentials.password : undefined;
}

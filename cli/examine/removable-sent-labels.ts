import { reasonToSkip } from '../../credential/stored-credential.ts';
import type { ListedVersion, SecretDescription } from '../../secret/store.ts';
import { AWSPENDING, hasSentLabel, holderOf } from '../../secret/versions.ts';
import { type ReadPorts, readUnlessDenied } from './read-version.ts';
import type { AcceptedCredential } from './search-versions.ts';

/**
 * Finds the versions whose sent label a repair may remove: their passwords are for the user and
 * endpoint of the password in force, and differ from it. The pending version keeps its label,
 * because its password may be on its way to the cluster.
 *
 * @returns the oldest first
 * @throws SecretStoreError
 */
export async function findRemovableSentLabels(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { credentials }: AcceptedCredential,
  ports: ReadPorts,
): Promise<readonly string[]> {
  const pending = holderOf(secret, AWSPENDING);
  const removable: string[] = [];
  for (const { versionId } of listed.toSorted((a, b) => a.createdAt - b.createdAt)) {
    if (hasSentLabel(secret, versionId) && versionId !== pending) {
      const stored = await readUnlessDenied(secret, versionId, ports);
      const isSameUser = stored.kind === 'usable' && reasonToSkip(stored, credentials) === undefined;
      if (isSameUser && stored.credentials.password !== credentials.password) {
        removable.push(versionId);
      }
    }
  }
  return removable;
}

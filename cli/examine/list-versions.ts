import { type ListedVersion, type SecretStore, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { catchKnown } from '../outcome/failure.ts';

/** Without the permission to list, returns the versions with a label, and adds a note. */
export async function listVersions(
  secret: RotatingSecret,
  store: SecretStore,
  notes: string[],
): Promise<{ versions: readonly ListedVersion[]; allListed: boolean }> {
  const labelled = secret.versions.map((version) => ({ ...version, createdAt: 0 }));
  const listed = await catchKnown(store.list(), SecretStoreError);
  if (listed instanceof SecretStoreError) {
    notes.push(`Versions without a label could not be listed, so the command did not try them. ${listed.message}`);
    return { versions: labelled, allListed: false };
  }
  // Secrets Manager does not list empty versions. They are the newest, because a rotation has just
  // created them.
  const empty = labelled.filter(({ versionId }) => !listed.some((version) => version.versionId === versionId));
  return { versions: [...empty, ...listed.toSorted((a, b) => b.createdAt - a.createdAt)], allListed: true };
}

import { type ListedVersion, type SecretStore, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { catchKnown } from '../outcome/catch-known.ts';

/** Without the permission to list, returns the versions with a label and a note. */
export async function listVersions(
  secret: RotatingSecret,
  store: SecretStore,
): Promise<{ versions: readonly ListedVersion[]; notes: readonly string[] }> {
  const labelled = secret.versions.map((version) => ({ ...version, createdAt: 0 }));
  const listed = await catchKnown(store.list(), SecretStoreError);
  if (listed instanceof SecretStoreError) {
    const note = `Versions without a label could not be listed, so the command did not try them. ${listed.message}`;
    return { versions: labelled, notes: [note] };
  }
  // Secrets Manager does not list empty versions. They are the newest, because a rotation has just
  // created them.
  const empty = labelled.filter(({ versionId }) => !listed.some((version) => version.versionId === versionId));
  return { versions: [...empty, ...listed.toSorted((a, b) => b.createdAt - a.createdAt)], notes: [] };
}

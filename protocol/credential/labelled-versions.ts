import { type ListedVersion, type SecretDescription, SecretStoreError } from '../secret/secret-store.ts';
import { type SentLabel, sentLabels, storedAt } from '../secret/versions.ts';
import type { AcceptedCredential } from './find-accepted.ts';
import { type ReadPorts, readVersionUnlessDenied } from './read-version.ts';
import { reasonToSkip, type StoredCredential } from './stored-credential.ts';

export interface LabelledVersion extends SentLabel {
  /** See {@link storedAt}. */
  readonly createdAt: number;
  readonly stored: StoredCredential;
}

/**
 * Reads the versions that have a sent label. Oldest first.
 *
 * @throws SecretStoreError
 */
export async function readLabelledVersions(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  ports: ReadPorts,
): Promise<readonly LabelledVersion[]> {
  const labels = sentLabels(secret).map((sent) => ({ ...sent, createdAt: storedAt(listed, sent.versionId) }));
  const versions: LabelledVersion[] = [];
  for (const sent of labels.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const stored = await readVersionUnlessDenied(secret, sent.versionId, ports);
    if (stored.kind === 'unusable' && stored.reason === 'no-value') {
      throw new SecretStoreError({
        action: 'GetSecretValue',
        code: 'ResourceNotFoundException',
        kind: 'unavailable',
        explanation: `version ${sent.versionId} was stored moments ago and cannot be read yet; a retry may help`,
      });
    }
    versions.push({ ...sent, stored });
  }
  return versions;
}

/** A password that a login has proven, and when it was stored first. */
export interface ProvenPassword {
  readonly accepted: AcceptedCredential;
  /** See {@link storedAt}. */
  readonly since: number;
}

/**
 * Finds the oldest version with the accepted password, which a person may have stored once more.
 *
 * @throws SecretStoreError
 */
export async function readProof(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  accepted: AcceptedCredential,
  ports: ReadPorts,
): Promise<ProvenPassword> {
  const own = storedAt(listed, accepted.versionId);
  const older = listed.filter(({ createdAt }) => createdAt < own).toSorted((a, b) => a.createdAt - b.createdAt);
  for (const { versionId, createdAt } of older) {
    if (hasPassword(await readVersionUnlessDenied(secret, versionId, ports), accepted)) {
      return { accepted, since: createdAt };
    }
  }
  return { accepted, since: own };
}

/**
 * Whether no request can make the cluster accept the password of this version any more: it accepts
 * another password of the same user, which was stored later. A request with this password needs the
 * password before the accepted one, so the cluster refuses it. A password that was stored after the
 * accepted one may still be on its way.
 */
export function isObsolete({ createdAt, stored }: LabelledVersion, { accepted, since }: ProvenPassword): boolean {
  return (
    reasonToSkip(stored, accepted.credentials) === undefined && !hasPassword(stored, accepted) && createdAt < since
  );
}

export function hasPassword(stored: StoredCredential, { credentials }: AcceptedCredential): boolean {
  return (
    stored.kind === 'usable' &&
    reasonToSkip(stored, credentials) === undefined &&
    stored.credentials.password === credentials.password
  );
}

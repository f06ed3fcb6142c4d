import { keepsCurrentValid, rotatedCredentials } from '../../protocol/credential/rotation-strategy.ts';
import { reasonToSkip, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { unlessDenied } from '../../protocol/credential/unless-denied.ts';
import type { ListedVersion, SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { KnownStrategy } from './read-strategy.ts';
import { readVersion } from './read-version.ts';
import { type SearchPorts, searchVersions, type TriedVersion, type VersionSearch } from './search-versions.ts';

/** The two users of a secret whose users take turns. Times are milliseconds since the epoch. */
export interface ExaminedUsers {
  /** The user that is not in AWSCURRENT. The next rotation changes its password. */
  readonly other: { readonly username: string; readonly search: VersionSearch };
  /** Since when AWSCURRENT names its user. `undefined` if the secret does not tell. */
  readonly currentSince: number | undefined;
  /** The end of the minimum gap. `undefined` if there is none, or if it is not known. */
  readonly nextRotationFrom: number | undefined;
  /** `undefined`: not known, because the environment of the function could not be read. */
  readonly gapHasPassed: boolean | undefined;
}

/**
 * Finds the stored credential of the user that is not in AWSCURRENT.
 *
 * @param ofCurrent the search for the user in AWSCURRENT. If it did not tell whether the cluster
 * checks passwords, another search would not either.
 * @returns `undefined` for a single user, and if AWSCURRENT names neither of the two users
 * @throws SecretStoreError
 */
export async function examineUsers(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  current: UsableCredential,
  { strategy, users, minimumGapMs }: KnownStrategy,
  ofCurrent: VersionSearch,
  ports: SearchPorts,
  onTried: (version: TriedVersion) => void,
): Promise<ExaminedUsers | undefined> {
  if (!keepsCurrentValid(strategy, current.credentials) || !users.includes(current.credentials.username)) {
    return undefined;
  }
  const user = rotatedCredentials(strategy, current.credentials);
  const decided = ofCurrent.kind === 'found' || ofCurrent.kind === 'none';
  const search = decided ? await searchVersions(secret, listed, { current, user }, ports, onTried) : ofCurrent;
  const currentSince = await readReplacementTime(secret, listed, { current, user }, ports);
  const nextRotationFrom =
    currentSince === undefined || minimumGapMs === undefined ? undefined : currentSince + minimumGapMs;
  return {
    other: { username: user.username, search },
    currentSince,
    nextRotationFrom,
    gapHasPassed:
      minimumGapMs === undefined ? undefined : nextRotationFrom === undefined || nextRotationFrom <= ports.clock.now(),
  };
}

/**
 * Reads when AWSCURRENT left the credential of the other user. The rotation function counts its
 * minimum gap from the same time. AWSCURRENT moved when the last rotation ended, or when a
 * person stored a value.
 */
async function readReplacementTime(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { current, user }: { current: UsableCredential; user: UsableCredential['credentials'] },
  ports: SearchPorts,
): Promise<number | undefined> {
  const previousId = holderOf(secret, AWSPREVIOUS);
  const previous = previousId === undefined ? undefined : await unlessDenied(readVersion(secret, previousId, ports));
  if (previous === undefined || reasonToSkip(previous, user) !== undefined) {
    return secret.lastRotatedAt;
  }
  const stored = listed.find(({ versionId }) => versionId === current.versionId)?.createdAt ?? 0;
  return Math.max(secret.lastRotatedAt ?? 0, stored) || undefined;
}

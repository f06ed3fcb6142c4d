import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { currentMovedAt } from '../../protocol/rotation/strategies/minimum-gap.ts';
import type { ListedVersion, SecretDescription } from '../../protocol/secret/secret-store.ts';
import type { KnownStrategy } from './read-strategy.ts';
import { type SearchPorts, searchVersions, type VersionSearch } from './search-versions.ts';

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
): Promise<ExaminedUsers | undefined> {
  if (!strategy.keepsCurrent || !users.includes(current.credentials.username)) {
    return undefined;
  }
  const user = strategy.next(current.credentials);
  const decided = ofCurrent.kind === 'found' || ofCurrent.kind === 'none';
  const search = decided ? await searchVersions(secret, listed, { current, user }, ports) : ofCurrent;
  const currentSince = currentMovedAt(secret, listed);
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

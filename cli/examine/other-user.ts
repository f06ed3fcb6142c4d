import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { type MinimumGap, minimumGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { changesUser } from '../../protocol/rotation/strategies/strategy.ts';
import type { KnownSecret } from './alternatives.ts';
import type { VersionSearch } from './search-versions.ts';

/**
 * The user of a secret that is not in AWSCURRENT, whose password the next rotation changes. Times
 * are milliseconds since the epoch.
 */
export interface OtherUser {
  readonly username: string;
  readonly search: VersionSearch;
  /** `undefined`: not known, because the configuration of the function could not be read. */
  readonly gap: MinimumGap | undefined;
}

/**
 * Finds the stored credential of the user that is not in AWSCURRENT.
 *
 * @param ofCurrent the search for the user in AWSCURRENT. If it did not tell whether the cluster
 * checks passwords, another search would not either.
 * @returns `undefined` for a single user, and if AWSCURRENT names neither of the two users
 * @throws SecretStoreError
 */
export async function findOtherUser(
  { secret, versions, strategy, searchFor }: KnownSecret,
  current: UsableCredential,
  ofCurrent: VersionSearch,
  now: number,
): Promise<OtherUser | undefined> {
  if (!changesUser(strategy, current.credentials) || !strategy.users.includes(current.credentials.username)) {
    return undefined;
  }
  const { minimumGapMs } = strategy.config ?? {};
  const user = strategy.next(current.credentials);
  const isDecided = ofCurrent.kind === 'found' || ofCurrent.kind === 'none';
  return {
    username: user.username,
    search: isDecided ? await searchFor(user) : ofCurrent,
    gap: minimumGapMs === undefined ? undefined : minimumGap(secret, versions, { minimumGapMs, now }),
  };
}

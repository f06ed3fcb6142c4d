import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AcceptedCredential, SearchAnswer } from '../../protocol/credential/find-accepted.ts';
import { searchKeyOf } from '../../protocol/credential/stored-credential.ts';
import { type MinimumGap, minimumGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { changesUser } from '../../protocol/rotation/strategies/strategy.ts';
import { usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { AWSPENDING, holderOf, orderCandidates } from '../../protocol/secret/versions.ts';
import { comparedWithPins } from './pins.ts';
import type { KnownSecret } from './search-versions.ts';

/**
 * The user of a secret that is not in AWSCURRENT, whose password the next rotation changes. Times
 * are milliseconds since the epoch.
 */
export interface OtherUser {
  readonly username: string;
  readonly search: SearchAnswer;
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
  { secret, versions, current, strategy, searchFor }: KnownSecret,
  ofCurrent: SearchAnswer,
  now: number,
): Promise<OtherUser | undefined> {
  const { pins, config: { minimumGapMs } = {} } = strategy;
  const credentials = current?.credentials;
  if (
    credentials === undefined ||
    !changesUser(strategy, pins, credentials) ||
    !usersOf(pins).includes(credentials.username)
  ) {
    return undefined;
  }
  const user = strategy.next(credentials, pins);
  const isDecided = ofCurrent.kind === 'found' || ofCurrent.kind === 'none';
  return {
    username: user.username,
    search: isDecided ? await searchFor(user) : ofCurrent,
    gap: minimumGapMs === undefined ? undefined : minimumGap(secret, versions, { minimumGapMs, now }),
  };
}

/**
 * The versions that log in as another user, or at another host, than AWSCURRENT: one version
 * for each user that the configuration allows. AWSCURRENT can move to each of them.
 *
 * @throws SecretStoreError
 */
export async function findAlternatives({
  secret,
  versions,
  current,
  strategy,
  read,
  searchFor,
}: KnownSecret): Promise<readonly AcceptedCredential[]> {
  const searched = current === undefined ? [] : [searchKeyOf(current.credentials)];
  const users = new Map<string, Credentials | undefined>(searched.map((key) => [key, undefined]));
  for (const { versionId } of orderCandidates(secret, versions, holderOf(secret, AWSPENDING))) {
    const stored = await read(versionId);
    if (stored.kind === 'usable' && !users.has(searchKeyOf(stored.credentials))) {
      const isAllowed = comparedWithPins('', stored, strategy) === undefined;
      users.set(searchKeyOf(stored.credentials), isAllowed ? stored.credentials : undefined);
    }
  }
  const others = [...users.values()].filter((user) => user !== undefined);
  const searches = await Promise.all(others.map(searchFor));
  return searches.flatMap((search) => (search.kind === 'found' ? [search.accepted] : []));
}

import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { type StoredCredential, searchKeyOf } from '../../protocol/credential/stored-credential.ts';
import { AWSPENDING, holderOf, orderCandidates } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { comparedWithPins } from './pins.ts';
import type { KnownStrategy } from './read-strategy.ts';
import type { SearchedSecret, VersionSearch } from './search-versions.ts';

/** A secret whose strategy is known. Each version is read once, and each search is made once. */
export interface KnownSecret extends SearchedSecret {
  readonly secret: RotatingSecret;
  readonly strategy: KnownStrategy;
  readonly read: (versionId: string) => Promise<StoredCredential>;
  readonly searchFor: (user: Credentials) => Promise<VersionSearch>;
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

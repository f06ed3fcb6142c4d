import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import {
  searchKeyOf,
  type UnusableCredential,
  type UsableCredential,
} from '../../protocol/credential/stored-credential.ts';
import { AWSPENDING, holderOf, orderCandidates } from '../../protocol/secret/versions.ts';
import { type LabelRoom, readLabelRoom } from './label-room.ts';
import { comparedWithPins, type NotPinned } from './pins.ts';
import type { KnownStrategy } from './read-strategy.ts';
import { type SearchedSecret, searchVersions, type VersionSearch, type VersionSearchPorts } from './search-versions.ts';

/**
 * The version to which an operator wants to move AWSCURRENT back, after a wrong value was stored.
 */
export type RestoreTarget =
  | { readonly kind: 'missing' }
  | UnusableCredential
  | { readonly kind: 'not-pinned'; readonly notPinned: NotPinned }
  | {
      readonly kind: 'usable';
      readonly credential: UsableCredential;
      /** The search in this version alone. */
      readonly search: VersionSearch;
      readonly labelRoom: LabelRoom;
    };

/** A secret whose strategy is known, and its searches, each of which is made once. */
export interface KnownSecret extends SearchedSecret {
  readonly strategy: KnownStrategy;
  readonly searchFor: (user: Credentials) => Promise<VersionSearch>;
}

/**
 * Reads the version, and logs in with its credential, if the configuration allows the user and the
 * host.
 *
 * @throws SecretStoreError
 */
export async function examineTarget(
  versionId: string,
  { secret, listed, strategy }: KnownSecret,
  ports: VersionSearchPorts,
): Promise<RestoreTarget> {
  const credential = await readVersionUnlessDenied(secret, versionId, ports);
  if (credential.kind === 'unusable') {
    return credential.reason === 'no-value' ? { kind: 'missing' } : credential;
  }
  const contradiction = comparedWithPins('The version', credential, strategy);
  if (contradiction !== undefined) {
    return { kind: 'not-pinned', notPinned: contradiction };
  }
  const only = { ...secret, versions: secret.versions.filter((version) => version.versionId === versionId) };
  const search = await searchVersions(
    { secret: only, listed: [{ versionId, labels: [], createdAt: 0 }], current: undefined },
    credential.credentials,
    ports,
  );
  const accepted = search.kind === 'found' ? search.accepted : undefined;
  const labelRoom = await readLabelRoom(secret, listed, strategy, { current: credential, accepted }, ports);
  return { kind: 'usable', credential, search, labelRoom };
}

/**
 * The versions that log in as another user, or at another host, than AWSCURRENT: one version
 * for each user that the configuration allows. AWSCURRENT can move to each of them.
 *
 * @throws SecretStoreError
 */
export async function findAlternatives(
  { secret, listed, current, strategy, searchFor }: KnownSecret,
  ports: VersionSearchPorts,
): Promise<readonly AcceptedCredential[]> {
  const searched = current === undefined ? [] : [searchKeyOf(current.credentials)];
  const users = new Map<string, Credentials | undefined>(searched.map((key) => [key, undefined]));
  for (const { versionId } of orderCandidates(secret, listed, holderOf(secret, AWSPENDING))) {
    const stored = await readVersionUnlessDenied(secret, versionId, ports);
    if (stored.kind === 'usable' && !users.has(searchKeyOf(stored.credentials))) {
      const isAllowed = comparedWithPins('', stored, strategy) === undefined;
      users.set(searchKeyOf(stored.credentials), isAllowed ? stored.credentials : undefined);
    }
  }
  const others = [...users.values()].filter((user) => user !== undefined);
  const searches = await Promise.all(others.map(searchFor));
  return searches.flatMap((search) => (search.kind === 'found' ? [search.accepted] : []));
}

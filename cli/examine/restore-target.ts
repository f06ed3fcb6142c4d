import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import type { UnusableCredential, UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { formRules } from '../../protocol/secret/credential-form.ts';
import { AWSCURRENT, AWSPENDING, holderOf, orderCandidates } from '../../protocol/secret/versions.ts';
import { type LabelRoom, readLabelRoom } from './label-room.ts';
import { comparedWithPins, type NotPinned } from './pins.ts';
import type { KnownStrategy } from './read-strategy.ts';
import {
  type SearchedSecret,
  searchKeyOf,
  searchVersions,
  type VersionSearch,
  type VersionSearchPorts,
} from './search-versions.ts';

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
      /** The search for the password of the user that this version names. */
      readonly search: VersionSearch;
      readonly labelRoom: LabelRoom;
    };

/** A secret whose strategy is known, and its searches, each of which is made once. */
export interface KnownSecret extends SearchedSecret {
  readonly strategy: KnownStrategy;
  readonly searchFor: (user: Credentials) => Promise<VersionSearch>;
}

/**
 * Reads the version, and logs in as the user that it names, if the configuration allows the user
 * and the host.
 *
 * @throws SecretStoreError
 */
export async function examineTarget(
  versionId: string,
  { secret, listed, strategy, searchFor }: KnownSecret,
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
  const { credentials } = credential;
  const search = formRules(credentials).isPerVersion
    ? await searchOnly(credential, secret, ports)
    : await searchFor(credentials);
  const accepted = search.kind === 'found' ? search.accepted : undefined;
  const labelRoom = await readLabelRoom(secret, listed, strategy, { current: credential, accepted }, ports);
  return { kind: 'usable', credential, search, labelRoom };
}

async function searchOnly(
  { credentials, versionId }: UsableCredential,
  secret: SearchedSecret['secret'],
  ports: VersionSearchPorts,
): Promise<VersionSearch> {
  const only = { ...secret, versions: [{ versionId, labels: [AWSCURRENT] }] };
  return await searchVersions({ secret: only, listed: [], current: undefined }, credentials, ports);
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

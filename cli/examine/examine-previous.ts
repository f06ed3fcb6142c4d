import { type Endpoint, EndpointError, parseAnyEndpoint } from '../../protocol/cluster/endpoint.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import {
  isSameUser,
  type UnusableCredential,
  type UsableCredential,
} from '../../protocol/credential/stored-credential.ts';
import type { ListedVersion, SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { type LabelRoom, readLabelRoom } from './label-room.ts';
import type { KnownStrategy } from './read-strategy.ts';
import { type SearchPorts, searchVersions, type TriedVersion, type VersionSearch } from './search-versions.ts';

/** The user and host in AWSPREVIOUS, to which AWSCURRENT may move back after a wrong edit. */
export type ExaminedPrevious =
  | UnusableCredential
  /** The configuration pins another user or host. */
  | { readonly kind: 'not-pinned'; readonly problem: string }
  | {
      readonly kind: 'usable';
      readonly credential: UsableCredential;
      /** The search for the password of this user. */
      readonly search: VersionSearch;
      readonly tried: readonly TriedVersion[];
      readonly labelRoom: LabelRoom;
    };

/** What is known about AWSCURRENT. */
interface CurrentVersion {
  readonly current: UsableCredential | undefined;
  readonly cluster: VersionSearch | UnusableCredential;
  readonly tried: readonly TriedVersion[];
}

/**
 * Reads AWSPREVIOUS, and logs in as the user that it names, if the configuration allows the user
 * and the host.
 *
 * @returns `undefined` without an AWSPREVIOUS version
 * @throws SecretStoreError
 */
export async function examinePrevious(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  { current, cluster, tried }: CurrentVersion,
  strategy: KnownStrategy,
  ports: SearchPorts,
): Promise<ExaminedPrevious | undefined> {
  const versionId = holderOf(secret, AWSPREVIOUS);
  if (versionId === undefined) {
    return undefined;
  }
  const credential = await readVersionUnlessDenied(secret, versionId, ports);
  if (credential.kind === 'unusable') {
    return credential;
  }
  const user = credential.credentials;
  const problem = reasonNotPinned(user, strategy);
  if (problem !== undefined) {
    return { kind: 'not-pinned', problem };
  }
  const sameUser = current !== undefined && cluster.kind !== 'unusable' && isSameUser(current.credentials, user);
  const search = sameUser ? cluster : await searchVersions(secret, listed, { current, user }, ports);
  const accepted = search.kind === 'found' ? search.inForce : undefined;
  const labelRoom = await readLabelRoom(secret, listed, strategy, { current: credential, accepted }, ports);
  return { kind: 'usable', credential, search, tried: sameUser ? tried : search.tried, labelRoom };
}

function reasonNotPinned(
  { username, endpoint }: UsableCredential['credentials'],
  { users, endpoint: pinned }: KnownStrategy,
): string | undefined {
  if (users.length > 0 && !users.includes(username)) {
    return `AWSPREVIOUS names the user ${username}, and the configuration names ${users.join(' and ')}.`;
  }
  return pinned === undefined || isSame(pinned, endpoint)
    ? undefined
    : `AWSPREVIOUS names ${endpoint.url}, and the configuration names ${pinned}.`;
}

function isSame(pinned: string, { url }: Endpoint): boolean {
  try {
    // This only compares. The rules of the command have already allowed `url`.
    return parseAnyEndpoint(pinned, { allowPlaintext: true }).url === url;
  } catch (error) {
    if (error instanceof EndpointError) {
      return false;
    }
    throw error;
  }
}

import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import type { StoredCredential, UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { ENDPOINT_TAG, parseDocument } from '../../protocol/secret/document.ts';
import type { KnownStrategy } from './read-strategy.ts';

/** A version contradicts the configuration, so it is wrong on every machine. */
export interface NotPinned {
  readonly code: 'user-not-pinned' | 'endpoint-not-pinned';
  /** Does not name the user of the version, because the name may be a part of a password. */
  readonly message: string;
}

/** @param label of the version, such as AWSCURRENT */
export function comparedWithPins(
  label: string,
  { credentials: { username, endpoint } }: UsableCredential,
  { users, endpoint: pinned }: KnownStrategy,
): NotPinned | undefined {
  if (pinned !== undefined && endpointUrl(pinned) !== endpointUrl(endpoint.url)) {
    return otherEndpoint(label, pinned);
  }
  return users.length === 0 || users.includes(username)
    ? undefined
    : {
        code: 'user-not-pinned',
        message: `${label} names another user than the configuration, which names ${users.join(' and ')}.`,
      };
}

/**
 * Finds out whether AWSCURRENT is wrong on every machine: its endpoint is no address, or the
 * configuration pins another endpoint or user. With another endpoint, the version is unusable, so
 * that its password is not sent.
 *
 * @param text the stored text
 */
export function judgeCurrent(
  stored: StoredCredential,
  text: string | undefined,
  tags: Readonly<Record<string, string>>,
  strategy: KnownStrategy,
): { readonly stored: StoredCredential; readonly notPinned: NotPinned | undefined } {
  if (stored.kind === 'usable') {
    const notPinned = comparedWithPins('AWSCURRENT', stored, strategy);
    return notPinned?.code === 'endpoint-not-pinned'
      ? { stored: { kind: 'unusable', reason: 'endpoint', problem: notPinned.message }, notPinned }
      : { stored, notPinned };
  }
  const named = stored.reason === 'endpoint' ? (parseDocument(text ?? '').endpoint ?? tags[ENDPOINT_TAG]) : undefined;
  if (named === undefined) {
    return { stored, notPinned: undefined };
  }
  const url = endpointUrl(named);
  if (url === undefined) {
    return { stored: { ...stored, reason: 'document' }, notPinned: undefined };
  }
  const { endpoint: pinned } = strategy;
  const isOther = pinned !== undefined && endpointUrl(pinned) !== url;
  return { stored, notPinned: isOther ? otherEndpoint('AWSCURRENT', pinned) : undefined };
}

function otherEndpoint(label: string, pinned: string): NotPinned {
  return {
    code: 'endpoint-not-pinned',
    message: `${label} names another cluster than the configuration, which names ${pinned}.`,
  };
}

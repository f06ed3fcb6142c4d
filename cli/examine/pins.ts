import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import { contradictedPin, namesOtherEndpoint } from '../../protocol/credential/contradicted-pin.ts';
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
  { credentials }: UsableCredential,
  pins: KnownStrategy,
): NotPinned | undefined {
  switch (contradictedPin(credentials, pins)) {
    case 'endpoint':
      return otherEndpoint(label, pins);
    case 'user':
      return {
        code: 'user-not-pinned',
        message: `${label} names another user than the configuration, which names ${pins.users.join(' and ')}.`,
      };
    default:
      return undefined;
  }
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
  if (endpointUrl(named) === undefined) {
    return { stored: { ...stored, reason: 'document' }, notPinned: undefined };
  }
  return { stored, notPinned: namesOtherEndpoint(named, strategy) ? otherEndpoint('AWSCURRENT', strategy) : undefined };
}

function otherEndpoint(label: string, { endpoint: pinned }: KnownStrategy): NotPinned {
  return {
    code: 'endpoint-not-pinned',
    message: `${label} names another cluster than the configuration, which names ${pinned}.`,
  };
}

import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import type { StoredCredential, UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { contradictedPin } from '../../protocol/rotation/configured-secrets.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { ENDPOINT_TAG, parseDocument } from '../../protocol/secret/document.ts';
import { usersOf } from '../../protocol/secret/rotated-secrets.ts';
import type { KnownStrategy } from './read-strategy.ts';

/** A version contradicts the configuration, so it is wrong on every machine. */
export interface NotPinned {
  readonly code: 'user-not-pinned' | 'endpoint-not-pinned' | 'form-not-pinned';
  /** Does not name the user of the version, because the name may be a part of a password. */
  readonly message: string;
}

/** @param label of the version, such as AWSCURRENT */
export function comparedWithPins(
  label: string,
  { credentials }: UsableCredential,
  strategy: KnownStrategy,
): NotPinned | undefined {
  const [held, rotated] = [formOf(credentials), formOf(strategy)];
  if (held !== rotated && strategy.config !== undefined) {
    return {
      code: 'form-not-pinned',
      message: `${label} holds ${held.noun}, and the configuration names the strategy ${strategy.name}, which rotates ${rotated.noun}.`,
    };
  }
  const { username, endpoint } = credentials;
  return contradictionOf(label, { username, endpoint: endpoint.url }, strategy);
}

function contradictionOf(
  label: string,
  named: { readonly username: string; readonly endpoint: string },
  { pins }: KnownStrategy,
): NotPinned | undefined {
  switch (contradictedPin(named, pins)) {
    case 'endpoint':
      return {
        code: 'endpoint-not-pinned',
        message: `${label} names another cluster than the configuration, which names ${pins.endpoint}.`,
      };
    case 'user':
      return {
        code: 'user-not-pinned',
        message: `${label} names another user than the configuration, which names ${usersOf(pins).join(' and ')}.`,
      };
    default:
      return undefined;
  }
}

/**
 * Finds out whether AWSCURRENT is wrong on every machine: its endpoint is no address, neither the
 * version nor the function names an endpoint, or the configuration pins another endpoint or user.
 * With another endpoint, the version is unusable, so that its password is not sent.
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
  if (stored.reason !== 'endpoint') {
    return { stored, notPinned: undefined };
  }
  const named = tags[ENDPOINT_TAG] ?? strategy.pins.endpoint ?? strategy.config?.defaultEndpoint;
  const { endpoint, username } = parseDocument(text ?? '', { endpoint: named });
  if (endpoint === undefined) {
    const problem = `The value names no endpoint, and neither the tag ${ENDPOINT_TAG} nor the rotation function names one.`;
    const isCertain = strategy.config !== undefined;
    return { stored: isCertain ? { ...stored, reason: 'document', problem } : stored, notPinned: undefined };
  }
  return endpointUrl(endpoint) === undefined
    ? { stored: { ...stored, reason: 'document' }, notPinned: undefined }
    : { stored, notPinned: contradictionOf('AWSCURRENT', { username, endpoint }, strategy) };
}

import type { Credentials } from '../cluster/cluster.ts';
import { EndpointError, type EndpointRules, parseEndpoint } from '../cluster/endpoint.ts';
import { declaredCopies } from '../secret/copies.ts';
import { formOf, keyIdIn } from '../secret/credential-form.ts';
import { DocumentError, ENDPOINT_TAG, parseDocument, type SecretDocument } from '../secret/document.ts';
import type { SecretDescription } from '../secret/secret-store.ts';

export interface EndpointOptions {
  readonly rules: EndpointRules;
  /** The endpoint of versions that name none, unless the secret has the tag `zilliz:endpoint`. */
  readonly configured: string | undefined;
  /** Completes the sentence "Add the key or the tag, or …": how the reader sets `configured`. */
  readonly howToConfigure: string;
}

/** A stored version that names an allowed endpoint, a user and a password. */
export interface UsableCredential extends Pick<SecretDocument, 'withCredential' | 'staleCopies'> {
  readonly kind: 'usable';
  readonly versionId: string;
  readonly credentials: Credentials;
}

/** `problem` is a sentence that names keys and hosts, and never a value. */
export interface UnusableCredential {
  readonly kind: 'unusable';
  /**
   * - `no-value`: there is no text.
   * - `denied`: the caller has no permission for the version or its KMS key.
   * - `document`: the text is not a credential.
   * - `endpoint`: the credential names no endpoint, or an endpoint that its password must not be
   *   sent to.
   */
  readonly reason: 'no-value' | 'denied' | 'document' | 'endpoint';
  readonly problem: string;
  /** The id of an API key that the text names, although it is no usable credential. */
  readonly keyId?: string;
  /** Whether the text has this id. Set if the text begins as JSON and is none. */
  readonly mentions?: (keyId: string) => boolean;
}

export type StoredCredential = UsableCredential | UnusableCredential;

/**
 * The endpoint is the one in the document, else the one in the tag `zilliz:endpoint`, else the
 * configured one.
 *
 * @param text `undefined`: the version does not exist, or holds no value yet.
 */
export function readStoredCredential(
  { versionId, text, tags }: { versionId: string; text: string | undefined; tags: SecretDescription['tags'] },
  { rules, configured, howToConfigure }: EndpointOptions,
): StoredCredential {
  if (text === undefined) {
    return { kind: 'unusable', reason: 'no-value', problem: `Version ${versionId} holds no value.` };
  }
  try {
    const defaultEndpoint = tags[ENDPOINT_TAG] ?? configured;
    const document = parseDocument(text, { endpoint: defaultEndpoint, copies: declaredCopies(tags) });
    const { endpoint, username, password, form, withCredential, staleCopies } = document;
    if (endpoint === undefined) {
      const problem = `The secret names no endpoint. Add the key "endpoint" to a JSON secret, add the tag ${ENDPOINT_TAG} to a plain secret, or ${howToConfigure}.`;
      return { kind: 'unusable', reason: 'endpoint', problem, ...namedKey(text) };
    }
    const credentials = { endpoint: parseEndpoint(endpoint, rules), username, password, form };
    return { kind: 'usable', versionId, credentials, withCredential, staleCopies };
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      const reason = error instanceof DocumentError ? 'document' : 'endpoint';
      return { kind: 'unusable', reason, problem: error.message, ...namedKey(text) };
    }
    throw error;
  }
}

function namedKey(text: string): Pick<UnusableCredential, 'keyId' | 'mentions'> {
  if (!text.trimStart().startsWith('{')) {
    return {};
  }
  try {
    const keyId = keyIdIn(JSON.parse(text) as Record<string, unknown>);
    return keyId === undefined ? {} : { keyId };
  } catch {
    return { mentions: (keyId) => text.includes(keyId) };
  }
}

/**
 * Why the password of a version is not tried. The function logs these words. `denied`: the KMS key
 * of an older version refuses to decrypt it.
 */
export type SkipReason = 'unreadable' | 'denied' | 'not a credential' | 'other host or user';

const SKIP_REASONS = {
  'no-value': 'unreadable',
  denied: 'denied',
  document: 'not a credential',
  endpoint: 'other host or user',
} as const satisfies Record<UnusableCredential['reason'], SkipReason>;

/** @returns undefined if the password may be tried at the endpoint and user of `expected`. */
export function reasonToSkip(stored: StoredCredential, expected: Credentials): SkipReason | undefined {
  if (stored.kind === 'unusable') {
    return SKIP_REASONS[stored.reason];
  }
  return mayReplace(stored.credentials, expected) ? undefined : 'other host or user';
}

/**
 * Whether a login with one credential stands for a login with the other: both name the same user
 * of the same cluster, or both are API keys for this cluster.
 */
export function mayReplace(a: Credentials, b: Credentials): boolean {
  return searchKeyOf(a) === searchKeyOf(b);
}

/** The same text for credentials of {@link mayReplace}. They need one search. */
export function searchKeyOf(credentials: Credentials): string {
  const { noun, lastingName } = formOf(credentials);
  return [noun, credentials.endpoint.url, lastingName(credentials.username)].join(' ');
}

/** Whether two credentials name the same user of the same cluster. */
export function isSameUser(a: Omit<Credentials, 'password'>, b: Credentials): boolean {
  return a.endpoint.url === b.endpoint.url && a.username === b.username;
}

/**
 * Whether a value is what a rotation of another value stores: the credential and its copies differ,
 * and all else is equal. Each place with the new password counts as a declared copy, because its
 * owner may have changed the tag since the rotation stored the value.
 */
export function differsInCredentialOnly(next: UsableCredential, base: UsableCredential): boolean {
  const { username, password } = next.credentials;
  const places = next.staleCopies({ changesUser: false });
  return base.withCredential({ username, password }, places) === next.withCredential({ username, password });
}

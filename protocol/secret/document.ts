import { findStaleCopies, findStaleUserCopies, replaceCopies } from './copies.ts';

/** The tag with the cluster's endpoint, for secrets that hold a plain `user:password`. */
export const ENDPOINT_TAG = 'zilliz:endpoint';

/**
 * The value of a secret: JSON `{endpoint, username, password, token, …}`, or the plain string
 * `user:password`, which is the token that Milvus accepts.
 */
export interface SecretDocument {
  readonly format: 'json' | 'plain';
  /** The endpoint as stored, otherwise the default of {@link DocumentOptions}. Not checked. */
  readonly endpoint: string | undefined;
  readonly username: string;
  readonly password: string;
  /**
   * The stored text with another password, and another user if `username` is given. The format,
   * all other keys and the spelling of numbers stay. Declared copies of the credential get the new
   * user and password as well.
   */
  readonly withCredential: (credential: { username?: string; password: string }) => string;
  /**
   * Places that repeat the password, or a user that changes, and that {@link withCredential} does
   * not update. A rotation must refuse such a secret.
   */
  readonly staleCopies: (change: { readonly changesUser: boolean }) => readonly string[];
}

/**
 * A stored value is not a credential. The message never quotes the value, because it may hold a
 * password.
 */
export class DocumentError extends Error {
  override readonly name = 'DocumentError' as const;
}

/** What a secret says beside its value. */
export interface DocumentOptions {
  /** The endpoint of a document that names none. */
  readonly endpoint?: string | undefined;
  /** The paths of the places that repeat the credential. @default none */
  readonly copies?: readonly string[];
}

/** @throws DocumentError naming the key that is missing or wrong, and never a value. */
export function parseDocument(text: string, options: DocumentOptions = {}): SecretDocument {
  return text.trimStart().startsWith('{') ? parseJson(text, options) : parsePlain(text, options.endpoint);
}

/** The token that Milvus and Zilliz Cloud accept. They split it at the first colon. */
export function tokenOf(credential: { username: string; password: string }): string {
  return `${credential.username}:${credential.password}`;
}

function parsePlain(text: string, endpoint: string | undefined): SecretDocument {
  const colon = text.indexOf(':');
  if (colon === -1) {
    throw new DocumentError(
      'The secret is neither a JSON object nor user:password. An API key cannot be rotated; store a cluster credential instead.',
    );
  }
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1);
  checkUsername(username, 'The part before the first colon');
  checkPassword(password, 'The part after the first colon');
  return {
    format: 'plain',
    endpoint,
    username,
    password,
    withCredential: (next) => tokenOf({ username, ...next }),
    staleCopies: () => [],
  };
}

function parseJson(text: string, { endpoint: defaultEndpoint, copies = [] }: DocumentOptions): SecretDocument {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text, keepNumbersAsWritten) as Record<string, unknown>;
  } catch {
    // Node's own error quotes the text that it could not parse.
    throw new DocumentError('The secret starts like a JSON object and is not valid JSON. Store it again.');
  }
  const { endpoint = defaultEndpoint, username, password, token } = fields;
  if (endpoint !== undefined && typeof endpoint !== 'string') {
    throw new DocumentError('The key "endpoint" is not a string. Expected https://host[:port].');
  }
  checkUsername(username, 'The key "username"');
  checkPassword(password, 'The key "password"');
  if (token !== undefined && token !== tokenOf({ username, password })) {
    throw new DocumentError(
      'The key "token" does not equal "username", a colon and "password", so the document holds two credentials. Store the right credential in all three keys, or leave "token" out.',
    );
  }
  const credential = { username, password };
  const { endpoint: _endpoint, username: _username, password: _password, token: _token, ...others } = fields;
  return {
    format: 'json',
    endpoint,
    username,
    password,
    withCredential: (next) => {
      const named = { username, ...next };
      const replaced = replaceCopies(others, copies, credential, named) as Record<string, unknown>;
      return JSON.stringify({ ...fields, ...replaced, ...named, token: tokenOf(named) });
    },
    staleCopies: ({ changesUser }) => [
      ...new Set([
        ...findStaleCopies(others, copies, credential),
        ...(changesUser ? findStaleUserCopies(others, copies, credential) : []),
      ]),
    ],
  };
}

/** Secrets Manager's limit for the value of a secret. */
export const MAX_VALUE_BYTES = 65_536;

export function valueBytes(value: string): number {
  return new TextEncoder().encode(value).length;
}

/** The description of a secret that this product creates. */
export const SECRET_DESCRIPTION = 'Credential of a Zilliz Cloud or Milvus cluster, rotated by zilliz-secret-rotation';

/** The value of a new secret. */
export function newDocument({
  endpoint,
  username,
  password,
}: {
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
}): string {
  return JSON.stringify({ endpoint, username, password, token: tokenOf({ username, password }) });
}

/** A JavaScript number would change 12345678901234567890 and 1.0. */
function keepNumbersAsWritten(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value;
}

/** Every Node since 21 has these functions. TypeScript's library does not declare them yet. */
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
    isRawJSON(value: unknown): boolean;
  }
}

/** What any version of Milvus allows. */
export function isUsername(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][\w.-]{0,31}$/.test(value);
}

/**
 * A value that cannot be a username may be a password, so it is never printed.
 */
function checkUsername(value: unknown, what: string): asserts value is string {
  if (!isUsername(value)) {
    throw new DocumentError(
      `${what} is not the name of a cluster user. Expected a letter, then letters, digits and _.-, at most 32 characters.`,
    );
  }
}

function checkPassword(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string' || value === '') {
    throw new DocumentError(`${what} is not a password. Expected a non-empty string.`);
  }
  if (/[\r\n]$/.test(value)) {
    throw new DocumentError(
      `${what} ends in a line break, which the cluster refuses. Store it without a line break (printf instead of echo).`,
    );
  }
}

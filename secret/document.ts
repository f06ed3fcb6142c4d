/** The tag of a secret that names the cluster of a plain `user:password`. */
export const ENDPOINT_TAG = 'zilliz:endpoint';

/**
 * What a secret holds: a cluster credential, as JSON `{endpoint, username, password, token, …}` or as the plain string
 * `user:password` that Milvus takes for a token.
 */
export interface SecretDocument {
  readonly format: 'json' | 'plain';
  /** As stored, unchecked. A plain string has none: its endpoint comes from a tag or from the function's configuration. */
  readonly endpoint: string | undefined;
  readonly username: string;
  readonly password: string;
  /** The same document with another password: the format, every other key and every number as they were written. */
  readonly withPassword: (password: string) => string;
}

/** Why a stored value is not a credential. No message ever quotes the value, which may be half of one. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError' as const;
}

/**
 * @throws DocumentError naming the key that is missing or wrong, and never a value: a value that is not what it should
 * be may still be a password. (Node's own JSON errors quote the text they failed on, hence the silent catch.)
 */
export function parseDocument(text: string): SecretDocument {
  return text.trimStart().startsWith('{') ? parseJson(text) : parsePlain(text);
}

/** The token that Milvus and Zilliz Cloud take in place of user and password; they split it at the first colon. */
export function tokenOf(credential: { username: string; password: string }): string {
  return `${credential.username}:${credential.password}`;
}

function parsePlain(text: string): SecretDocument {
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
    endpoint: undefined,
    username,
    password,
    withPassword: (next) => tokenOf({ username, password: next }),
  };
}

function parseJson(text: string): SecretDocument {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text, keepNumbersAsWritten) as Record<string, unknown>;
  } catch {
    throw new DocumentError('The secret starts like a JSON object and is not valid JSON. Store it again.');
  }
  const { endpoint, username, password, token } = fields;
  if (endpoint !== undefined && typeof endpoint !== 'string') {
    throw new DocumentError('The key "endpoint" is not a string. Expected https://host[:port].');
  }
  checkUsername(username, 'The key "username"');
  checkPassword(password, 'The key "password"');
  if (token !== undefined && token !== tokenOf({ username, password })) {
    throw new DocumentError(
      'The key "token" is not the "username", a colon and the "password" of the same document, so two credentials compete. Store the right one in all three keys, or leave "token" out.',
    );
  }
  return {
    format: 'json',
    endpoint,
    username,
    password,
    withPassword: (next) => JSON.stringify({ ...fields, password: next, token: tokenOf({ username, password: next }) }),
  };
}

/** 12345678901234567890 and 1.0 would come back as other digits if they went through a JavaScript number. */
function keepNumbersAsWritten(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value;
}

/** Part of every runtime since Node 21, and not yet of TypeScript's own library. */
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** Names differ between Milvus versions; what none accepts is a colon, where a token is split, and white space. */
function checkUsername(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string' || !/^[^\s:]+$/.test(value)) {
    throw new DocumentError(`${what} is not the name of a cluster user. Expected letters, digits and underscores.`);
  }
}

function checkPassword(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string' || value === '') {
    throw new DocumentError(`${what} is not a password. Expected a non-empty string.`);
  }
  if (/[\r\n]$/.test(value)) {
    throw new DocumentError(
      `${what} ends in a line break, which the cluster refuses. Store it without one (printf instead of echo).`,
    );
  }
}

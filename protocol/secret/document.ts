import { findStaleCopies, findStaleUserCopies, replaceCopies } from './copies.ts';
import { type Credential, credentialKeys, formOf, formOfDocument, tokenOf } from './credential-form.ts';

/** The tag with the cluster's endpoint, for secrets that hold a plain `user:password`. */
export const ENDPOINT_TAG = 'zilliz:endpoint';

/**
 * The value of a secret: JSON `{endpoint, username, password, token, …}`, the plain string
 * `user:password`, which is the token that Milvus accepts, or JSON `{endpoint, apiKeyId, apiKey,
 * token, …}`, whose token is the key.
 */
export interface SecretDocument extends Required<Credential> {
  readonly format: 'json' | 'plain';
  /** The endpoint as stored, otherwise the default of {@link DocumentOptions}. Not checked. */
  readonly endpoint: string | undefined;
  /**
   * The stored text with another password, and another user if `username` is given. The format,
   * all other keys and the spelling of numbers stay. Declared copies of the credential get the new
   * user and password as well.
   *
   * @param copies paths that count as declared, beside the declared ones
   */
  readonly withCredential: (
    credential: { readonly username?: string; readonly password: string },
    copies?: readonly string[],
  ) => string;
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

function parsePlain(text: string, endpoint: string | undefined): SecretDocument {
  const colon = text.indexOf(':');
  if (colon === -1) {
    throw new DocumentError(
      'The secret is neither a JSON object nor user:password. An API key needs its id, with which the rotation deletes it later: store JSON with the keys "endpoint", "apiKeyId" and "apiKey", as zilliz-rotation init does.',
    );
  }
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1);
  const form = 'password';
  const rules = formOf({ form });
  refuse('The part before the first colon', rules.usernameProblem(username));
  refuse('The part after the first colon', rules.passwordProblem(password));
  return {
    format: 'plain',
    form,
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
  const { endpoint = defaultEndpoint, token } = fields;
  if (endpoint !== undefined && typeof endpoint !== 'string') {
    throw new DocumentError('The key "endpoint" is not a string. Expected https://host[:port].');
  }
  const form = formOfDocument(fields);
  const keys = formOf({ form });
  const { [keys.username]: username, [keys.password]: password } = fields;
  refuse(`The key "${keys.username}"`, username === undefined ? 'is missing.' : keys.usernameProblem(username));
  refuse(`The key "${keys.password}"`, password === undefined ? 'is missing.' : keys.passwordProblem(password));
  const credential = { username: username as string, password: password as string, form };
  if (token !== undefined && token !== tokenOf(credential)) {
    throw new DocumentError(
      `The key "token" does not equal ${keys.token}, so the document holds two credentials. Store the right credential in all keys, or leave "token" out.`,
    );
  }
  const own = new Set(['endpoint', 'token', keys.username, keys.password]);
  const others = Object.fromEntries(Object.entries(fields).filter(([key]) => !own.has(key)));
  return {
    format: 'json',
    endpoint,
    ...credential,
    withCredential: (next, moreCopies = []) => {
      const named = { ...credential, ...next };
      const replaced = replaceCopies(others, [...copies, ...moreCopies], credential, named) as Record<string, unknown>;
      return JSON.stringify({ ...fields, ...replaced, ...credentialKeys(named) });
    },
    staleCopies: ({ changesUser }) => [
      ...new Set([
        ...findStaleCopies(others, copies, credential),
        ...(changesUser ? findStaleUserCopies(others, copies, credential) : []),
      ]),
    ],
  };
}

/** The fields of the JSON object in a text. Any other text has none. */
export function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function refuse(what: string, problem: string | undefined): void {
  if (problem !== undefined) {
    throw new DocumentError(`${what} ${problem}`);
  }
}

/** Secrets Manager's limit for the value of a secret. */
export const MAX_VALUE_BYTES = 65_536;

/** The description of a secret that this product creates. */
export const SECRET_DESCRIPTION = 'Credential of a Zilliz Cloud or Milvus cluster, rotated by zilliz-secret-rotation';

/**
 * The value of a new secret.
 *
 * @param others keys that it holds beside the credential
 */
export function newDocument(
  { endpoint, ...credential }: { readonly endpoint: string } & Credential,
  others: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({ ...others, endpoint, ...credentialKeys(credential) });
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

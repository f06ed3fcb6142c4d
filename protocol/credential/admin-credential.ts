import type { Admin } from '../cluster/cluster.ts';
import { type Endpoint, EndpointError, type EndpointRules, parseEndpoint } from '../cluster/endpoint.ts';
import { isApiKey, tokenOf } from '../secret/credential-form.ts';
import { DocumentError, fieldsIn, parseDocument } from '../secret/document.ts';

/** Users with power over the whole cluster. */
export const ADMIN_USERNAMES: readonly string[] = ['root', 'db_admin'];

/**
 * Whether a user has power over the cluster. Nothing resets, drops or creates it: a person who may
 * write a secret could write its name there, and then read its new password.
 *
 * @param admin the admin in use. An API key has no username.
 */
export function isAdmin(username: string, admin: { readonly username: string | undefined } | undefined): boolean {
  return ADMIN_USERNAMES.includes(username) || username === admin?.username;
}

/** `problem` is a sentence that quotes no part of the stored text. */
export type AdminCredential =
  /** `username` is `undefined` for an API key. */
  { kind: 'usable'; admin: Admin; username: string | undefined } | { kind: 'unusable'; problem: string };

/**
 * Reads the secret of a credential that may reset other users' passwords.
 *
 * @param text JSON `{"endpoint", "username", "password"}` or `{"endpoint", "apiKey"}`.
 * @param endpoint the cluster of the user to be reset. The admin secret must name the same
 * endpoint: whoever may write the user's secret could otherwise have the admin's token sent to
 * another host.
 * @param configured the endpoint of an admin secret that names none, from a person.
 */
export function readAdminCredential(
  text: string,
  endpoint: Endpoint,
  rules: EndpointRules,
  configured?: string,
): AdminCredential {
  try {
    const { token, username, endpoint: named = configured } = parseAdminToken(text);
    if (named === undefined) {
      return { kind: 'unusable', problem: NO_ENDPOINT };
    }
    const own = parseEndpoint(named, rules);
    return own.url === endpoint.url
      ? { kind: 'usable', admin: { endpoint, token }, username }
      : { kind: 'unusable', problem: `It is for ${own.url}, and the user to be reset is at ${endpoint.url}.` };
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      return { kind: 'unusable', problem: error.message };
    }
    throw error;
  }
}

const NO_ENDPOINT =
  'It names no endpoint. Store JSON with the keys "endpoint", "username" and "password", or "endpoint" and "apiKey".';

interface AdminToken {
  readonly token: string;
  readonly username: string | undefined;
  readonly endpoint: string | undefined;
}

/** @throws DocumentError */
function parseAdminToken(text: string): AdminToken {
  if (/^[^\s:{}"]+$/.test(text)) {
    return { token: text, username: undefined, endpoint: undefined };
  }
  const { apiKey, endpoint } = fieldsIn(text);
  if (typeof apiKey !== 'string') {
    const document = parseDocument(text);
    return { token: tokenOf(document), username: document.username, endpoint: document.endpoint };
  }
  if (!isApiKey(apiKey)) {
    throw new DocumentError('The key "apiKey" is not an API key. Expected a non-empty string without colon or space.');
  }
  return { token: apiKey, username: undefined, endpoint: typeof endpoint === 'string' ? endpoint : undefined };
}

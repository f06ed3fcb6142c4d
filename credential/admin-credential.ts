import type { Admin } from '../cluster/cluster.ts';
import { type Endpoint, EndpointError, type EndpointRules, parseEndpoint } from '../cluster/endpoint.ts';
import { DocumentError, parseDocument, tokenOf } from '../secret/document.ts';

/** `problem` is a sentence that quotes no part of the stored text. */
export type AdminCredential = { kind: 'usable'; admin: Admin } | { kind: 'unusable'; problem: string };

/**
 * Reads the secret of a credential that may reset other users' passwords.
 *
 * @param text a cluster credential in any format that a rotated secret may have, JSON `{"apiKey": "…"}`, or an API key.
 * @param endpoint the cluster of the user that is to be reset. If the admin secret names an endpoint, it must be this.
 */
export function readAdminCredential(text: string, endpoint: Endpoint, rules: EndpointRules): AdminCredential {
  try {
    const { token, endpoint: named } = parseAdminToken(text);
    const own = named === undefined ? endpoint : parseEndpoint(named, rules);
    return own.url === endpoint.url
      ? { kind: 'usable', admin: { endpoint, token } }
      : { kind: 'unusable', problem: `It is for ${own.url}, and the user to be reset is at ${endpoint.url}.` };
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      return { kind: 'unusable', problem: error.message };
    }
    throw error;
  }
}

interface AdminToken {
  readonly token: string;
  readonly endpoint: string | undefined;
}

/** @throws DocumentError */
function parseAdminToken(text: string): AdminToken {
  const apiKey = parseApiKey(text);
  if (apiKey !== undefined) {
    return apiKey;
  }
  const document = parseDocument(text);
  return { token: tokenOf(document), endpoint: document.endpoint };
}

function parseApiKey(text: string): AdminToken | undefined {
  if (/^[^\s:{}"]+$/.test(text)) {
    return { token: text, endpoint: undefined };
  }
  let fields: { apiKey?: unknown; endpoint?: unknown };
  try {
    fields = JSON.parse(text) as { apiKey?: unknown; endpoint?: unknown };
  } catch {
    return undefined;
  }
  if (typeof fields.apiKey !== 'string') {
    return undefined;
  }
  if (!/^[^\s:]+$/.test(fields.apiKey)) {
    throw new DocumentError('The key "apiKey" is not an API key. Expected a non-empty string without colon or space.');
  }
  return { token: fields.apiKey, endpoint: typeof fields.endpoint === 'string' ? fields.endpoint : undefined };
}

import { DocumentError, parseDocument, tokenOf } from './document.ts';

/** What may reset another user's password: an admin's `user:password`, or an API key. */
export interface AdminCredential {
  readonly token: string;
  /** When the admin's secret names one, it must be the endpoint of the user that is reset. */
  readonly endpoint: string | undefined;
}

/**
 * @param text a cluster credential as any secret of ours holds it, JSON `{"apiKey": "…"}`, or the API key alone.
 * @throws DocumentError that quotes nothing of it.
 */
export function parseAdminCredential(text: string): AdminCredential {
  const key = apiKeyOf(text);
  if (key !== undefined) {
    return key;
  }
  const document = parseDocument(text);
  return { token: tokenOf(document), endpoint: document.endpoint };
}

function apiKeyOf(text: string): AdminCredential | undefined {
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

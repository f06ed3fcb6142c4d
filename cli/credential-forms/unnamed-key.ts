import { isApiKey } from '../../protocol/secret/credential-form.ts';

/** What a text holds that is no credential because it lacks the name. */
export interface UnnamedCredential {
  readonly password?: string;
  /** The keys of JSON, which stay. */
  readonly others?: Readonly<Record<string, unknown>>;
}

/** The API key in a text without its id: the key alone, or JSON. */
export function unnamedKeyIn(text: string): UnnamedCredential {
  const others = objectIn(text);
  const key = others === undefined ? text.trim() : (others['apiKey'] ?? others['token']);
  const isUser = others !== undefined && ('username' in others || 'password' in others);
  return isUser ? {} : { ...(isApiKey(key) && { password: key }), ...(others && { others }) };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the secret with the key that creates and deletes keys: the key alone, or JSON with the key
 * `apiKey`.
 *
 * @returns undefined if the text holds no key.
 */
export function readManagerKey(text: string): string | undefined {
  let key: unknown = text.trim();
  try {
    key = (JSON.parse(text) as { apiKey?: unknown } | null)?.apiKey;
  } catch {
    // A key alone is no JSON.
  }
  return typeof key === 'string' && /^[^\s:{}"]+$/.test(key) ? key : undefined;
}

/**
 * Removes secrets from a text that a cluster, a gateway or a library wrote: as they are, in hex,
 * and in base64 or base64url at any offset. Each character may be escaped for a URL, a form, JSON
 * or Go.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replace(patternOf(secret), '[redacted]'), text);
}

function patternOf(secret: string): RegExp {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2]
    .flatMap((offset) => [base64At(offset, bytes, 'base64'), base64At(offset, bytes, 'base64url')])
    .filter(({ whole }) => whole.length >= MIN_BASE64)
    .map(({ before, whole, after }) => before + escapable(whole) + after);
  return new RegExp([escapable(secret), bytes.toString('hex'), ...base64].join('|'), 'gi');
}

/** Fewer characters may be part of a word. */
const MIN_BASE64 = 4;

/** A character at an end, which also holds bits of a neighbour, so it may have any value. */
const PARTIAL = '[a-z0-9+/_-]?';

/**
 * Base64 that holds the secret after `offset` other bytes. `whole` holds bits of the secret alone.
 */
function base64At(offset: number, secret: Buffer, encoding: 'base64' | 'base64url') {
  const text = Buffer.concat([Buffer.alloc(offset), secret]).toString(encoding);
  const end = Math.floor(((offset + secret.length) * 8) / 6);
  return {
    before: offset === 0 ? '' : PARTIAL,
    whole: text.slice(Math.ceil((offset * 8) / 6), end),
    after: end === text.length ? '' : `${PARTIAL}(?:${escapable('=')}){0,2}`,
  };
}

/**
 * A pattern in which each character may be escaped. A character never has two equal alternatives,
 * and backslashes in a row count as one character. Otherwise the search would try every
 * combination.
 */
function escapable(text: string): string {
  return text.replace(
    /\\+|[^\\]/gu,
    (character) => `(?:${[...new Set(escapesOf(character))].map(unicodeEscapes).join('|')})`,
  );
}

function escapesOf(character: string): string[] {
  const url = Buffer.from(character).toString('hex').replace(/../g, '%$&');
  const form = character.replace(' ', '+');
  return [JSON.stringify(character).slice(1, -1), character, url, form, unicodeEscapes(character)];
}

/** Both in Go and in a regular expression, `\u0041` is an A. */
function unicodeEscapes(text: string): string {
  return text.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

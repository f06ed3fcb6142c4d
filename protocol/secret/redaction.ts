const REDACTED = '[redacted]';
const REDACTED_ANSWER = '[redacted: the answer holds a secret]';

/** From small to large. */
const PARTS = [/[^\s"'<>()[\]{},]+/g, /\S+/g];

/**
 * Removes secrets from a text that a cluster, a gateway or a library wrote. A part of the text
 * with an encoded secret is removed whole. If no part holds the whole secret, the text is removed.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const holdsSecret = searchFor(secrets);
  const longestFirst = secrets.filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length);
  const exact = longestFirst.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text);
  const clean = PARTS.reduce(
    (rest, part) => rest.replace(part, (match) => (holdsSecret(match) ? REDACTED : match)),
    exact,
  );
  return holdsSecret(clean) ? REDACTED_ANSWER : clean;
}

/**
 * Returns a function that tells whether a text holds one of the secrets, in upper or lower case,
 * as it is or in up to three encodings on top of each other: hex, base64 or base64url at any
 * offset, and the escapes of URLs, forms, HTML, JSON, C and Go. The time of a search grows
 * linearly with the text.
 */
export function searchFor(secrets: readonly string[]): (text: string) => boolean {
  const sought = secrets
    .filter((secret) => secret !== '')
    .map(bytesOf)
    // Decoding a text also decodes an escape that belongs to the secret, such as `%41`.
    .flatMap((secret) => [secret, decodeUrl(secret)])
    .map(comparable);
  return (text) => holds(bytesOf(text), sought, MAX_ENCODINGS);
}

const MAX_ENCODINGS = 3;

/** A shorter secret may occur in a decoded word by chance, so it is not sought there. */
const SHORTEST_DECODED = 3;

function holds(text: string, sought: readonly string[], encodings: number): boolean {
  const compared = comparable(text);
  if (sought.some((secret) => compared.includes(secret))) {
    return true;
  }
  // No encoding makes a text shorter.
  const encodable = sought.filter(({ length }) => length >= SHORTEST_DECODED && length <= text.length);
  return (
    encodings > 0 &&
    encodable.length > 0 &&
    decodings(text).some((decoded) => decoded !== text && holds(decoded, encodable, encodings - 1))
  );
}

/** HTML forms encode a space as `+`. */
function comparable(text: string): string {
  return text.toLowerCase().replaceAll('+', ' ');
}

/** The UTF-8 bytes of a text, each as one character, because most encodings encode bytes. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The secret may begin at any digit, and anything may separate the digits. */
function decodings(text: string): string[] {
  const hex = text.replace(/\b0x|[^\da-f]/gi, '');
  const base64 = text.replace(/[^\w+/-]/g, '');
  return [
    decodeUrl(text),
    decodeHtml(text),
    decodeBackslashes(text),
    ...[0, 1].map((start) => Buffer.from(hex.slice(start), 'hex').toString('latin1')),
    ...[0, 1, 2, 3].map((start) => Buffer.from(base64.slice(start), 'base64').toString('latin1')),
  ];
}

function decodeUrl(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
}

/** HTML's names of ASCII characters, each followed by its character. */
const ENTITIES = new Map(
  'amp& apos\' ast* bsol\\ colon: comma, commat@ dollar$ equals= excl! grave` gt> hat^ lbrace{ lbrack[ lcub{ lowbar_ lpar( lsqb[ lt< num# percnt% period. plus+ quest? quot" rbrace} rbrack] rcub} rpar) rsqb] semi; sol/ verbar| vert|'
    .split(' ')
    .map((entity) => [entity.slice(0, -1), entity.slice(-1)]),
);

function decodeHtml(text: string): string {
  return text.replace(
    /&(?:#0*(\d{1,7})|#x0*([\da-f]{1,6})|([a-z]{2,6}));/gi,
    (match, decimal?: string, hex?: string, name?: string) =>
      name === undefined
        ? bytesOf(String.fromCodePoint(Math.min(Number(decimal ?? `0x${hex}`), 0x10ffff)))
        : (ENTITIES.get(name.toLowerCase()) ?? match),
  );
}

/** The escapes of JSON, JavaScript, C, Go and shells. */
function decodeBackslashes(text: string): string {
  return text.replace(
    /((?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))+)|\\x([\da-fA-F]{2})|\\([0-3]?[0-7]{1,2})|\\(.)/g,
    (_match, json?: string, hex?: string, octal?: string, other?: string) =>
      json === undefined
        ? (other ?? String.fromCharCode(Number(hex === undefined ? `0o${octal}` : `0x${hex}`)))
        : bytesOf(JSON.parse(`"${json}"`) as string),
  );
}

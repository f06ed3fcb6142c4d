import type { Credential } from './credential-form.ts';
import { redact, searchFor } from './redaction.ts';

/**
 * The tag with the places that repeat the credential, beside the keys `username`, `password` and
 * `token`: paths such as `connection.uri` or `hosts.0`, separated by spaces. A rotation updates
 * these places and no other. Only the owner of the secret knows which other keys are for the
 * cluster: a key such as `postgres.user` may hold the same user of another system.
 */
const COPIES_TAG = 'zilliz:copies';

/** The paths in the value of {@link COPIES_TAG}. */
export function declaredCopies(tags: Readonly<Record<string, string>>): readonly string[] {
  return (tags[COPIES_TAG] ?? '').split(/\s+/).filter((path) => path !== '');
}

/** A path that the tag can name: AWS allows only these characters, and a space ends the path. */
const NAMABLE = /^[\p{L}\p{N}_.:/=+@-]+$/u;

/** Of the value of a tag. */
const MAX_CHARACTERS = 256;

/** What the owner of a secret does with places that a rotation would not update. */
export function howToDeclareCopies(
  { name, tags }: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
  paths: readonly string[],
): string {
  const declared = declaredCopies(tags);
  const inOtherForm = paths.filter((path) => declared.includes(path));
  const unnamable = paths.filter((path) => !declared.includes(path) && !NAMABLE.test(path));
  const missing = paths.filter((path) => !declared.includes(path) && NAMABLE.test(path));
  return [
    missing.length === 0 ? '' : howToTag(name, [...declared, ...missing]),
    unnamable.length === 0
      ? ''
      : `The tag ${COPIES_TAG} cannot name ${quoted(unnamable)}. Rename the keys to letters, digits and _.:/=+-@ without spaces, or move them to another secret.`,
    inOtherForm.length === 0
      ? ''
      : `${quoted(inOtherForm)} is declared, but not in a known form. Store the credential there plain or percent-encoded, or move it to another secret.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function howToTag(name: string, paths: readonly string[]): string {
  const value = paths.join(' ');
  if (value.length > MAX_CHARACTERS) {
    return `The places need ${value.length} characters in the tag ${COPIES_TAG}, and AWS allows ${MAX_CHARACTERS}. Shorten the keys, or move them to another secret.`;
  }
  const command = `aws secretsmanager tag-resource --secret-id ${name} --tags '${JSON.stringify([{ Key: COPIES_TAG, Value: value }])}'`;
  return `If the places are for this cluster, declare them with \`${command}\`. Otherwise move them to another secret.`;
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => `"${path}"`).join(', ');
}

/** Replaces the credential in the declared places of a JSON value. */
export function replaceCopies(value: unknown, declared: readonly string[], old: Credential, next: Credential): unknown {
  return mapLeaves(value, (leaf, path) =>
    typeof leaf === 'string' && declared.includes(path) ? replaceIn(leaf, old, next) : leaf,
  );
}

/**
 * Paths of the places that would keep the password after a rotation: undeclared ones, and declared
 * ones in a form that {@link replaceCopies} does not know, such as base64. A path that holds the
 * password itself is redacted.
 */
export function findStaleCopies(value: unknown, declared: readonly string[], credential: Credential): string[] {
  const replaced = replaceCopies(value, declared, credential, { ...credential, password: '' });
  return pathsOf(
    replaced,
    credential,
    (text, path) => holdsPassword(text, credential) || holdsPassword(path, credential),
  );
}

/** Top-level keys that name a user. */
const USER_KEY = /user|usr|login|account|principal/i;

/**
 * Top-level keys that would keep the user after a rotation that changes the user: a key that is
 * named like a user and holds the user, and a value with `//USER@` or `=USER`. Nested objects are
 * left alone, because they are often for other systems.
 */
export function findStaleUserCopies(
  value: Readonly<Record<string, unknown>>,
  declared: readonly string[],
  credential: Credential,
): string[] {
  const named = namedUser(credential.username);
  const texts = Object.entries(value).filter(([key, leaf]) => typeof leaf === 'string' && !declared.includes(key));
  return pathsOf(Object.fromEntries(texts), credential, (text, path) =>
    text === credential.username ? USER_KEY.test(path) : text.search(named) >= 0,
  );
}

function pathsOf(
  value: unknown,
  { username, password }: Credential,
  isStale: (text: string, path: string) => boolean,
): string[] {
  const paths: string[] = [];
  mapLeaves(value, (leaf, path) => {
    if (isStale(typeof leaf === 'string' ? leaf : JSON.stringify(leaf), path)) {
      paths.push(redact(path, [`${username}:${password}`, password]));
    }
  });
  return paths;
}

/** A shorter password may occur in another text by chance. */
const SHORTEST_RECOGNISABLE = 8;

function holdsPassword(text: string, { username, password }: Credential): boolean {
  return (
    text === password ||
    searchFor([password.length >= SHORTEST_RECOGNISABLE ? password : `${username}:${password}`])(text)
  );
}

/**
 * Replaces the user and the password, plain or percent-encoded. In a value with `://`, the new
 * ones are percent-encoded.
 */
function replaceIn(text: string, old: Credential, next: Credential): string {
  if (text === old.username || text === old.password) {
    return text === old.username ? next.username : next.password;
  }
  // A password with `://` makes no URI of a text. The space keeps the characters beside it apart.
  const write = text.replaceAll(old.password, ' ').includes('://') ? encodeURIComponent : String;
  const passwords = [...new Set([encodeURIComponent, encodeInLowerCase, String].map((form) => form(old.password)))];
  const pair = `${escapeRegExp(old.username)}:(?:${passwords.map(escapeRegExp).join('|')})`;
  const alone = old.password.length >= SHORTEST_RECOGNISABLE ? passwords.map(escapeRegExp) : [];
  const found = new RegExp(
    [`(?<pair>${pair})`, ...alone.map((form) => `(?:${form})`), `(?<user>${namedUser(old.username).source})`].join('|'),
    'g',
  );
  return text.replace(found, (...match: unknown[]) => {
    const groups = match.at(-1) as { pair?: string; user?: string };
    if (groups.user !== undefined) {
      return write(next.username);
    }
    return groups.pair === undefined ? write(next.password) : `${write(next.username)}:${write(next.password)}`;
  });
}

/** The user in `//USER@host`, and in `user=USER` of a query or a connection string. */
function namedUser(username: string): RegExp {
  const user = escapeRegExp(username);
  return new RegExp(`(?<=//)${user}(?=@)|(?<==)${user}(?=$|[&;,\\s"'])`);
}

function encodeInLowerCase(text: string): string {
  return encodeURIComponent(text).replace(/%[\dA-F]{2}/g, (encoded) => encoded.toLowerCase());
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** `map` gets every value that is neither an object nor a list, and its path. */
function mapLeaves(value: unknown, map: (leaf: unknown, path: string) => unknown, path = ''): unknown {
  const mapChild = (child: unknown, name: string): unknown =>
    mapLeaves(child, map, path === '' ? name : `${path}.${name}`);
  if (Array.isArray(value)) {
    return value.map((item, index) => mapChild(item, String(index)));
  }
  // A number that keeps its spelling is a frozen object without a prototype; see document.ts.
  if (typeof value === 'object' && value !== null && !JSON.isRawJSON(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapChild(child, key)]));
  }
  return map(value, path);
}

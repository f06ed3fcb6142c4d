/**
 * Other keys of a secret's document may repeat its credential: `MILVUS_TOKEN`, `uri`. A rotation
 * updates the copies whose form is exact, and refuses the secret if a copy has any other form,
 * because that copy would keep the old password.
 */
interface CopiedCredential {
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

/** A shorter password may occur in another text by chance. */
const SHORTEST_RECOGNISABLE = 8;

/**
 * The key of a text that equals the password must say so, because an equal text may be there by
 * chance.
 */
const PASSWORD_KEY = /pass|pwd|secret/i;

/** Returns a JSON value with every exact copy of the old credential replaced, at any depth. */
export function replaceCopies(value: unknown, old: CopiedCredential, next: CopiedCredential, key = ''): unknown {
  if (typeof value === 'string') {
    return replaceCopy(value, old, next, key) ?? value;
  }
  return mapChildren(value, (child, childKey) => replaceCopies(child, old, next, childKey));
}

/**
 * Keys, as paths such as `connection.uri`, of texts that hold the password in a form that is not
 * replaced.
 */
export function findStaleCopies(value: unknown, old: CopiedCredential, path = ''): string[] {
  if (typeof value === 'string') {
    const key = path.slice(path.lastIndexOf('.') + 1);
    return replaceCopy(value, old, old, key) === undefined && holdsPassword(value, old) ? [path] : [];
  }
  const stale: string[] = [];
  mapChildren(value, (child, key) => {
    stale.push(...findStaleCopies(child, old, path === '' ? key : `${path}.${key}`));
    return child;
  });
  return stale;
}

/** @returns undefined if the text is not an exact copy. */
function replaceCopy(text: string, old: CopiedCredential, next: CopiedCredential, key: string): string | undefined {
  if (text === old.token) {
    return next.token;
  }
  if (text === old.password && PASSWORD_KEY.test(key)) {
    return next.password;
  }
  const [, scheme, user, password, rest] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@:]*):([^/?#@]*)(@.*)$/i.exec(text) ?? [];
  if (
    user !== undefined &&
    password !== undefined &&
    decode(user) === old.username &&
    decode(password) === old.password
  ) {
    const replaced = `${scheme}${user}:${encodeURIComponent(next.password)}${rest}`;
    return holdsPassword(rest ?? '', old) ? undefined : replaced;
  }
  return undefined;
}

function holdsPassword(text: string, { password, token }: CopiedCredential): boolean {
  if (password.length < SHORTEST_RECOGNISABLE) {
    return text.includes(token);
  }
  const forms = [password, encodeURIComponent(password), base64(password), base64(token)];
  return forms.some((form) => text.includes(form));
}

function mapChildren(value: unknown, map: (child: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((child, index) => map(child, String(index)));
  }
  // A number that keeps its spelling is a frozen object without a prototype; see document.ts.
  if (typeof value === 'object' && value !== null && !JSON.isRawJSON(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, map(child, key)]));
  }
  return value;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '');
}

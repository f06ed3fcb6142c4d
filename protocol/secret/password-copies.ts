import { redact, searchFor } from '../redaction.ts';

/**
 * Other keys of a secret's document may repeat its credential: `MILVUS_TOKEN`, `uri`. A rotation
 * updates the copies that are certainly for this cluster. It refuses a document with another copy:
 * either that copy would keep the old password, or it belongs to another system.
 */
interface CopiedCredential {
  /** `https://host[:port]`. `undefined`: no URI is known to be for this cluster. */
  readonly endpoint: string | undefined;
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

/** What to do about the keys of {@link findStaleCopies}. */
export const STALE_COPIES_ADVICE =
  'Remove the keys, or move keys of other systems to another secret. For this cluster, store the whole token, a URI with user, password and the host of the endpoint, or the password under the key MILVUS_PASSWORD.';

/** What to do about the keys of {@link findStaleUserCopies}. */
export const STALE_USER_COPIES_ADVICE =
  'Remove the keys, or move keys of other systems to another secret. For this cluster, store the user under the key username or MILVUS_USERNAME.';

/** Returns a JSON value with every exact copy of the old credential replaced, at any depth. */
export function replaceCopies(value: unknown, old: CopiedCredential, next: CopiedCredential): unknown {
  return mapLeaves(value, (leaf, place) => replaceCopy(leaf, place, old, next) ?? leaf);
}

/**
 * Keys, as paths such as `connection.uri`, of values that hold the password in a form that is not
 * replaced. A path that holds the password itself is redacted.
 */
export function findStaleCopies(value: unknown, credential: CopiedCredential): string[] {
  const stale: string[] = [];
  mapLeaves(value, (leaf, place) => {
    const text = typeof leaf === 'string' ? leaf : JSON.stringify(leaf);
    const isExact = replaceCopy(leaf, place, credential, credential) !== undefined;
    if ((!isExact && holdsCredential(text, credential, place.key)) || holdsCredential(place.path, credential)) {
      stale.push(redact(place.path, [credential.token, credential.password]));
    }
  });
  return stale;
}

/**
 * Keys, as paths, whose name says that they hold a user, and that hold the user of the credential
 * in a form that is not replaced.
 */
export function findStaleUserCopies(value: unknown, credential: CopiedCredential): string[] {
  const stale: string[] = [];
  mapLeaves(value, (leaf, place) => {
    const isUser = leaf === credential.username && USER_KEY.test(place.path);
    if (isUser && replaceCopy(leaf, place, credential, credential) === undefined) {
      stale.push(redact(place.path, [credential.token, credential.password]));
    }
  });
  return stale;
}

const USER_KEY = /user|login/i;

/** A key that names this cluster's user, and no user of another system. */
const CLUSTER_USER_KEY = /^((milvus|zilliz)[_.-]?(cloud)?[_.-]?)?user([_.-]?name)?$/i;

/** A key that names this cluster's password, and no password of another system or user. */
const CLUSTER_PASSWORD_KEY = /^(milvus|zilliz)[_.-]?(cloud|user)?[_.-]?(password|passwd|pass|pwd)$/i;

/** @returns undefined if the value is not an exact copy. */
function replaceCopy(leaf: unknown, { path, key }: Place, old: CopiedCredential, next: CopiedCredential) {
  if (leaf === old.token) {
    return next.token;
  }
  if (leaf === old.password && (CLUSTER_PASSWORD_KEY.test(key) || CLUSTER_PASSWORD_KEY.test(path))) {
    return next.password;
  }
  if (leaf === old.username && (CLUSTER_USER_KEY.test(key) || CLUSTER_USER_KEY.test(path))) {
    return next.username;
  }
  return typeof leaf === 'string' ? replaceInUri(leaf, old, next) : undefined;
}

const AUTHORITY = String.raw`(?<host>\[[^\]]*\]|[^/?#@:]*)(?::(?<port>\d+))?(?:[/?#].*)?$`;
const ENDPOINT = new RegExp(`^https?://${AUTHORITY}`, 'is');

/** Without a port, only the scheme shows that the URI is not for another system on the host. */
const CLUSTER_URI = new RegExp(
  `^(?<scheme>(?:https?|grpcs?|tcp|milvus|zilliz)://)(?<user>[^/?#@:]*):(?<password>[^/?#@]*)(?<end>@${AUTHORITY})`,
  'is',
);

type Authority = Record<'host', string> & Partial<Record<'port', string>>;
type ClusterUri = Authority & Record<'scheme' | 'user' | 'password' | 'end', string>;

function replaceInUri(text: string, old: CopiedCredential, next: CopiedCredential): string | undefined {
  const uri = CLUSTER_URI.exec(text)?.groups as ClusterUri | undefined;
  const endpoint = ENDPOINT.exec(old.endpoint ?? '')?.groups as Authority | undefined;
  if (
    uri === undefined ||
    endpoint === undefined ||
    decode(uri.user) !== old.username ||
    decode(uri.password) !== old.password ||
    uri.host.toLowerCase() !== endpoint.host.toLowerCase() ||
    (uri.port ?? endpoint.port) !== (endpoint.port ?? uri.port) ||
    holdsCredential(uri.end, old)
  ) {
    return undefined;
  }
  const user = next.username === old.username ? uri.user : encodeURIComponent(next.username);
  return `${uri.scheme}${user}:${encodeURIComponent(next.password)}${uri.end}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A shorter password may occur in another text by chance. */
const SHORTEST_RECOGNISABLE = 8;
const PASSWORD_KEY = /pass|pwd|secret/i;

function holdsCredential(text: string, { password, token }: CopiedCredential, key?: string): boolean {
  const recognisable = password.length >= SHORTEST_RECOGNISABLE || (key !== undefined && PASSWORD_KEY.test(key));
  return searchFor([recognisable ? password : token])(text);
}

interface Place {
  readonly path: string;
  /** The nearest key. An item of a list has the key of the list. */
  readonly key: string;
}

const ROOT: Place = { path: '', key: '' };

/** `map` gets every value that is neither an object nor a list. */
function mapLeaves(value: unknown, map: (leaf: unknown, place: Place) => unknown, place = ROOT): unknown {
  const mapChild = (child: unknown, name: string, key: string): unknown =>
    mapLeaves(child, map, { path: place === ROOT ? name : `${place.path}.${name}`, key });
  if (Array.isArray(value)) {
    return value.map((item, index) => mapChild(item, String(index), place.key));
  }
  // A number that keeps its spelling is a frozen object without a prototype; see document.ts.
  if (typeof value === 'object' && value !== null && !JSON.isRawJSON(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapChild(child, key, key)]));
  }
  return map(value, place);
}

import { isDeepStrictEqual } from 'node:util';
import type { Document, YAMLSeq } from 'yaml';

/** The entry of a secret under `secrets` in the configuration file of the stack. */
export interface ConfigurationEntry {
  readonly name: string;
  /** `undefined`: the secret does not exist yet. */
  readonly arn: string | undefined;
  readonly endpoint: string;
  /** One user, or two users that take turns. */
  readonly usernames: readonly string[];
  /** The customer managed key. The function may decrypt with it only if the entry names it. */
  readonly kmsKeyArn?: string;
}

/**
 * - `added`: `text` is the file with the entry.
 * - `present`: the file has an entry with these users for the secret.
 * - `different`: it has an entry with other users, which a person must change.
 * - `unusable`: the entry cannot be added to this text.
 */
export type Addition =
  | { readonly kind: 'added'; readonly text: string }
  | { readonly kind: 'present' | 'different' }
  | { readonly kind: 'unusable'; readonly problem: string };

/** The entry as text, as a line of the list `secrets`. */
export async function entryText(entry: ConfigurationEntry): Promise<string> {
  const { Document } = await import('yaml');
  const document = new Document([fieldsOf(entry)]);
  const usernames = document.getIn([0, 'usernames']);
  if (usernames !== undefined) {
    (usernames as YAMLSeq).flow = true;
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function fieldsOf({ name, endpoint, usernames, kmsKeyArn }: ConfigurationEntry): Record<string, unknown> {
  return {
    name,
    ...(usernames.length > 1
      ? { strategy: 'alternating-users', endpoint, usernames }
      : { endpoint, username: usernames[0] }),
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
  };
}

/**
 * Adds the entry behind the last entry of `secrets`. Every other character of the file stays.
 *
 * @param text of the configuration file. Empty for a new file.
 */
export async function addEntry(text: string, entry: ConfigurationEntry): Promise<Addition> {
  const { parseDocument, isSeq } = await import('yaml');
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    return { kind: 'unusable', problem: 'It is not valid YAML.' };
  }
  const before = (document.toJS() ?? {}) as { secrets?: unknown };
  const entries = before.secrets ?? [];
  const secrets = document.get('secrets', true);
  if (!Array.isArray(entries) || (entries.length > 0 && !(isSeq(secrets) && secrets.flow !== true))) {
    return { kind: 'unusable', problem: 'Its key "secrets" is not a list with one entry in each line.' };
  }
  const existing = entries.find((other) => isSameSecret(other, entry));
  if (existing !== undefined) {
    return { kind: hasSameUsers(existing, entry) ? 'present' : 'different' };
  }
  const added = insert(text, document, await entryText(entry));
  const after = parseDocument(added);
  return after.errors.length === 0 &&
    isDeepStrictEqual(after.toJS(), { ...before, secrets: [...entries, fieldsOf(entry)] })
    ? { kind: 'added', text: added }
    : { kind: 'unusable', problem: 'The end of its list "secrets" was not found.' };
}

function isSameSecret(other: unknown, { name, arn }: ConfigurationEntry): boolean {
  const { name: byName, create, arn: byArn } = (other ?? {}) as Record<string, unknown>;
  return byName === name || create === name || (arn !== undefined && byArn === arn);
}

function hasSameUsers(other: unknown, { usernames }: ConfigurationEntry): boolean {
  const { username, usernames: pair } = other as Record<string, unknown>;
  return usernames.length > 1
    ? Array.isArray(pair) && isDeepStrictEqual(pair.toSorted(), usernames.toSorted())
    : pair === undefined && (username === undefined || username === usernames[0]);
}

function insert(text: string, document: Document.Parsed, entry: string): string {
  const secrets = document.get('secrets', true) as YAMLSeq<{ range: [number, number, number] }> | undefined;
  const [first, last] = [secrets?.items?.[0], secrets?.items?.at(-1)];
  const complete = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (first === undefined || last === undefined) {
    return `${complete}secrets:\n${indented(entry, '  ')}`;
  }
  const dash = complete.slice(complete.lastIndexOf('\n', first.range[0]) + 1, first.range[0]);
  const valueEnd = last.range[1];
  const end = complete[valueEnd - 1] === '\n' ? valueEnd : complete.indexOf('\n', valueEnd) + 1;
  return `${complete.slice(0, end)}${indented(entry, dash.replace(/-.*$/s, ''))}${complete.slice(end)}`;
}

function indented(entry: string, indent: string): string {
  return entry.replace(/^(?=.)/gm, indent);
}

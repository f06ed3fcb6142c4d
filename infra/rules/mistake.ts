/** A location in the configuration file: `['secrets', 0, 'schedule']`. */
export type Path = readonly PropertyKey[];

/** A wrong value in the configuration file or in the props of a construct. */
export interface Mistake {
  readonly path: Path;
  /** Shown in the message. Absent if nothing is written, or if the value may be a password. */
  readonly value?: unknown;
  /** True if the key is wrong, and not its value. The message then has the line of the key. */
  readonly key?: true;
  /** What is allowed, as a sentence. */
  readonly rule: string;
}

/** The mistake shows the value at the path. */
export function mistakeIf(isWrong: boolean, root: unknown, path: Path, rule: string): Mistake[] {
  return isWrong ? [{ path, value: valueAt(root, path), rule }] : [];
}

const MAX_VALUE_LENGTH = 80;

/** `secrets[2].schedule: "rate(2 hours)" Write an interval from 4 hours to 999 days.` */
export function sentenceOf({ path, value, rule }: Mistake): string {
  return `${pathText(path)}: ${value === undefined ? '' : `${display(value)} `}${rule}`;
}

/** `undefined` if the path leads nowhere. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}

/** `secrets[2].schedule` */
export function pathText(path: Path): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/**
 * Hides the password in `user:password` and `https://user:password@host`, because users paste
 * these into other keys. Of an object, shows the kind only, because a value in it may be a
 * password.
 */
function display(value: unknown): string {
  const shown = Array.isArray(value) ? `[${value.map(displayItem).join(',')}]` : displayItem(value);
  return shown.length > MAX_VALUE_LENGTH ? `${shown.slice(0, MAX_VALUE_LENGTH)}…` : shown;
}

function displayItem(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.replace(/\/\/[^/@]*@/, '//…@').replace(/^([^:/]*):(?!\/\/|[^:]*:).*$/, '$1:…'))
    : kindOf(value);
}

/** `null`, a number or a boolean as it is, else `a string`, `a list`, `a map`, `a Duration`. */
export function kindOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const name = Array.isArray(value) ? 'list' : (Object.getPrototypeOf(value)?.constructor?.name ?? 'Object');
    // The classes of CDK have names such as Key2, because CDK compiles its decorators so.
    return withArticle(name === 'Object' ? 'map' : name.replace(/2$/, ''));
  }
  return typeof value === 'string' || typeof value === 'function' || typeof value === 'symbol'
    ? withArticle(typeof value)
    : String(value);
}

function withArticle(noun: string): string {
  return `${/^[AEIOU]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

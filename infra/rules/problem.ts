/** A location in the configuration file: `['secrets', 0, 'schedule']`. */
export type Path = readonly PropertyKey[];

/** A wrong value in the configuration file. */
export interface Problem {
  readonly path: Path;
  /** What is allowed, as a sentence. */
  readonly rule: string;
  /** True if the key is wrong, and not its value. The value may be a password. */
  readonly isKey?: true;
}

/** @param rule No text: the value is right. */
export function problemAt(path: Path, rule: string | false | undefined): Problem[] {
  return rule ? [{ path, rule }] : [];
}

const MAX_VALUE_LENGTH = 80;

/** `secrets[2].schedule: "rate(2 hours)" Write an interval from 4 hours to 999 days.` */
export function sentenceOf(path: Path, value: unknown, rule: string): string {
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
 * these into other keys. Of a map, shows the keys only, because a value in it may be a password.
 */
function display(value: unknown): string {
  const shown = Array.isArray(value) ? `[${value.map(displayItem).join(',')}]` : displayItem(value);
  return shown.length > MAX_VALUE_LENGTH ? `${shown.slice(0, MAX_VALUE_LENGTH)}…` : shown;
}

function displayItem(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.replace(/\/\/[^/@]*@/, '//…@').replace(/^([^:/]*):(?!\/\/|[^:]*:).*$/, '$1:…'));
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return typeof value === 'object' && value !== null
    ? `{${Object.keys(value).map(displayItem).join(', ')}}`
    : String(value);
}

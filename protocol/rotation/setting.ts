/** An environment variable of the function is invalid. Fix it in the stack and deploy again. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError' as const;
}

interface Declaration<Value> {
  /** The environment variable, which the deployment writes and the function reads. */
  readonly variable: string;
  /** The meaning, for the JSON schemas and for the tables of the pages. */
  readonly about: string;
  /** The value without the variable, and with an empty variable. An empty text means none. */
  readonly default: Value;
}

/** A setting that the function reads from its environment. */
export interface Setting<Value = unknown> extends Declaration<Value> {
  /** What is allowed, as a sentence. */
  readonly allowed: string;
  /** `undefined`: the text of the variable is not allowed. */
  readonly parse: (text: string) => Value | undefined;
  /** True if the text may hold a credential, so that no message quotes it. */
  readonly isHidden?: true;
}

interface Whole {
  readonly type: 'whole';
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/** A setting that is also a key of the configuration file, with these values. */
export type FileSetting<Value = unknown> = Setting<Value> &
  (
    | Whole
    | { readonly type: 'choice' | 'flag'; readonly words: readonly string[] }
    /** Texts that match the pattern, or whole numbers. */
    | { readonly type: 'list'; readonly items: RegExp | 'whole' }
    | { readonly type: 'text' | 'endpoint' }
  );

export function whole(declared: Declaration<number> & Omit<Whole, 'type'>): FileSetting<number> {
  const { min, max, unit } = declared;
  return {
    ...declared,
    type: 'whole',
    allowed: `Write a whole number of ${unit} from ${min} to ${max}.`,
    parse: (text) => [Number(text)].find((number) => Number.isInteger(number) && number >= min && number <= max),
  };
}

export function choice<Word extends string>(
  declared: Declaration<Word> & { readonly words: readonly Word[] },
): FileSetting<Word> {
  const { words } = declared;
  return {
    ...declared,
    type: 'choice',
    allowed: `Write ${words.join(' or ')}.`,
    parse: (text) => words.find((word) => word === text),
  };
}

/** A flag that is off without its variable. */
export function flag(declared: Omit<Declaration<boolean>, 'default'>): FileSetting<boolean> {
  return {
    ...declared,
    type: 'flag',
    words: ['true', 'false'],
    default: false,
    allowed: 'Write true or false.',
    parse: (text) => [true, false].find((value) => String(value) === text),
  };
}

/** A text that the function takes as it is. */
export function text(
  declared: Omit<Declaration<string>, 'default'> & { readonly type?: 'endpoint'; readonly allowed: string },
): FileSetting<string> {
  return { type: 'text', default: '', parse: (value) => value, ...declared };
}

/** The items between the commas. */
export function itemsIn(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * The value that an environment gives to a setting.
 *
 * @throws ConfigError naming the variable, its value and what is allowed.
 */
export function settingIn<Value>(
  environment: Readonly<Record<string, string | undefined>>,
  { variable, default: byDefault, parse, allowed, isHidden }: Setting<Value>,
): Value {
  const text = environment[variable];
  if (text === undefined || text === '') {
    return byDefault;
  }
  const value = parse(text);
  if (value === undefined) {
    throw new ConfigError(`${variable} ${isHidden ? 'cannot be read' : `is ${JSON.stringify(text)}`}. ${allowed}`);
  }
  return value;
}

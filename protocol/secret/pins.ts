import { createHash } from 'node:crypto';
import { type Pins, type PinsBySecret, STRATEGY_NAMES } from './rotated-secrets.ts';

/**
 * Where a deployment keeps the pins of its secrets: in the secrets `PREFIX/0` to
 * `PREFIX/(COUNT - 1)`, or the pins of the secret NAME in `PREFIX/NAME`. Each is a JSON object as
 * in `SECRET_TARGETS`. The name of a rotated secret decides which of them has its pins, so a
 * rotation reads one.
 */
export interface PinsLocation {
  readonly prefix: string;
  /** `each`: each rotated secret has a secret with its pins. */
  readonly count: number | 'each';
  /** Whether every secret of the function has an entry, so that any other secret is refused. */
  readonly isComplete: boolean;
}

/**
 * The value of `SECRET_TARGETS` that names the location: `pins:PREFIX:COUNT`,
 * `pins:PREFIX:COUNT:all` or `pins:PREFIX:each:all`.
 */
export function formatPinsLocation({ prefix, count, isComplete }: PinsLocation): string {
  return `pins:${prefix}:${count}${isComplete ? ':all' : ''}`;
}

/** @returns undefined if the text has another form. */
export function parsePinsLocation(text: string): PinsLocation | undefined {
  const [, prefix, count, all] = /^pins:([\w/+=.@-]+):([1-9]\d{0,2}|each(?=:all))(:all)?$/.exec(text) ?? [];
  return prefix === undefined
    ? undefined
    : { prefix, count: count === 'each' ? count : Number(count), isComplete: all !== undefined };
}

export function isPinsLocation(pins: PinsBySecret | PinsLocation): pins is PinsLocation {
  return typeof pins['prefix'] === 'string';
}

/** Empty if each rotated secret has a secret with its pins, whose name follows from its own. */
export function pinsSecrets({ prefix, count }: PinsLocation): readonly string[] {
  return Array.from({ length: count === 'each' ? 0 : count }, (_, part) => `${prefix}/${part}`);
}

/** The folder of names in which deployments create the secrets with pins. */
export const PINS_FOLDER = 'zilliz-rotation-pins/';

/**
 * The secrets, one of each function, that may have pins of a rotated secret.
 *
 * @param names of all secrets of the account and region
 */
export function possiblePinsOf(secretName: string, names: readonly string[]): readonly string[] {
  const inFolder = names.filter((name) => name.startsWith(PINS_FOLDER));
  const ofFunctions = Map.groupBy(inFolder, (name) => name.replace(/\/\d+$/, ''));
  const possible = [...ofFunctions].map(([prefix, { length: count }]) =>
    pinsSecretOf(secretName, { prefix, count, isComplete: true }),
  );
  return [...possible, `${PINS_FOLDER}each/${secretName}`].filter((name) => inFolder.includes(name));
}

export function pinsSecretOf(secretName: string, { prefix, count }: PinsLocation): string {
  return `${prefix}/${count === 'each' ? secretName : partOf(secretName, count, 'stack')}`;
}

export class InvalidPinsError extends Error {
  override readonly name = 'InvalidPinsError' as const;
}

/**
 * Reads one of the secrets with pins.
 *
 * @throws InvalidPinsError, and what `readSecret` throws.
 */
export async function readPins(name: string, readSecret: (name: string) => Promise<string>): Promise<PinsBySecret> {
  const pins = parsePins(await readSecret(name));
  if (pins === undefined) {
    throw new InvalidPinsError(`The secret ${name} holds no pins in JSON.`);
  }
  return pins;
}

/**
 * The index of the hour or the stack of a secret, from 0 to `parts - 1`. It depends only on the
 * name and the purpose.
 */
export function partOf(name: string, parts: number, purpose: 'hour' | 'stack'): number {
  return createHash('sha256').update(`${purpose}:${name}`).digest().readUInt32BE() % parts;
}

/**
 * Reads the text of a secret with pins, or of `SECRET_TARGETS`: JSON `{"<key>": {"endpoint"?:
 * string, "username"?: string, "strategy"?: string}}`, or with two different `usernames` instead of
 * `username`, or with `apiKeyId`. The keys are those of {@link PinsBySecret}, and are not checked.
 *
 * @returns undefined if the text has another form.
 */
export function parsePins(text: string): PinsBySecret | undefined {
  let pins: unknown;
  try {
    pins = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isRecord(pins) && Object.values(pins).every(arePins) ? (pins as PinsBySecret) : undefined;
}

function arePins(value: unknown): boolean {
  return (
    isRecord(value) &&
    !(Object.hasOwn(value, 'username') && Object.hasOwn(value, 'usernames')) &&
    Object.entries(value).every(([key, pinned]) => IS_PIN.get(key)?.(pinned) === true)
  );
}

const IS_PIN: ReadonlyMap<string, (value: unknown) => boolean> = new Map<keyof Pins, (value: unknown) => boolean>([
  ['endpoint', isText],
  ['username', isText],
  ['usernames', isPairOfUsers],
  ['apiKeyId', isText],
  ['strategy', (value) => STRATEGY_NAMES.some((name) => name === value)],
]);

function isPairOfUsers(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isText) && value[0] !== value[1];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

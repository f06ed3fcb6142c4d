import { createHash } from 'node:crypto';
import { parseSecretTargets, type SecretTargets } from './rotated-secrets.ts';

/**
 * Where a deployment keeps the pins of its secrets: in the secrets `PREFIX/0` to
 * `PREFIX/(COUNT - 1)`, each a JSON object as in `SECRET_TARGETS`. The name of a rotated secret
 * decides which of them has its pins, so a rotation reads one.
 */
export interface PinsLocation {
  readonly prefix: string;
  readonly count: number;
  /** Whether every secret of the function has an entry, so that any other secret is refused. */
  readonly isComplete: boolean;
}

/** The value of `SECRET_TARGETS` that names the location: `pins:PREFIX:COUNT`, or with `:all`. */
export function formatPinsLocation({ prefix, count, isComplete }: PinsLocation): string {
  return `pins:${prefix}:${count}${isComplete ? ':all' : ''}`;
}

/** @returns undefined if the text has another form. */
export function parsePinsLocation(text: string): PinsLocation | undefined {
  const [, prefix, count, all] = /^pins:([\w/+=.@-]+):([1-9]\d{0,2})(:all)?$/.exec(text) ?? [];
  return prefix === undefined ? undefined : { prefix, count: Number(count), isComplete: all !== undefined };
}

/** Whether a deployment keeps its pins in secrets, and not in the environment of the function. */
export function isPinsLocation(pins: SecretTargets | PinsLocation): pins is PinsLocation {
  return typeof pins['count'] === 'number';
}

/** The names of all secrets with pins. */
export function pinsSecrets({ prefix, count }: PinsLocation): readonly string[] {
  return Array.from({ length: count }, (_, part) => `${prefix}/${part}`);
}

/** The name of the secret that has the pins of a rotated secret. */
export function pinsSecretOf(secretName: string, { prefix, count }: PinsLocation): string {
  return `${prefix}/${partOf(secretName, count, 'stack')}`;
}

export class InvalidPinsError extends Error {
  override readonly name = 'InvalidPinsError' as const;
}

/**
 * Reads one of the secrets with pins.
 *
 * @throws InvalidPinsError, and what `readSecret` throws.
 */
export async function readPins(name: string, readSecret: (name: string) => Promise<string>): Promise<SecretTargets> {
  const targets = parseSecretTargets(await readSecret(name));
  if (targets === undefined) {
    throw new InvalidPinsError(`The secret ${name} holds no pins in JSON.`);
  }
  return targets;
}

/**
 * The index of the hour or the stack of a secret, from 0 to `parts - 1`. It depends only on the
 * name and the purpose.
 */
export function partOf(name: string, parts: number, purpose: 'hour' | 'stack'): number {
  return createHash('sha256').update(`${purpose}:${name}`).digest().readUInt32BE() % parts;
}

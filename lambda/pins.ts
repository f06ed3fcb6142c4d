import { RotationError } from '../protocol/rotation/errors.ts';
import { isPinsLocation, type PinsLocation, pinsSecretOf } from '../protocol/secret/pins.ts';
import { parseSecretTargets, type SecretTargets } from '../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';

/** Milliseconds for which a worker uses pins again. A changed pin takes effect after this time. */
export const PINS_FRESH_FOR_MS = 60_000;

/**
 * Reads the pins that may be those of a rotated secret.
 *
 * @throws RotationError PINS_UNREADABLE. A rotation without its pins never starts, because the
 * value of the secret could then name any user of any allowed host.
 */
export type PinsReader = (secretName: string) => Promise<SecretTargets>;

/**
 * @param configured the pins themselves, or the secrets that hold them.
 * @param readSecret reads the current text of a secret.
 * @param now milliseconds since the epoch.
 */
export function createPinsReader(
  configured: SecretTargets | PinsLocation,
  readSecret: (name: string) => Promise<string>,
  now: () => number = Date.now,
): PinsReader {
  const known = new Map<string, { readonly targets: SecretTargets; readonly readAt: number }>();
  return async (secretName) => {
    if (!isPinsLocation(configured)) {
      return configured;
    }
    const name = pinsSecretOf(secretName, configured);
    const age = now() - (known.get(name)?.readAt ?? Number.NEGATIVE_INFINITY);
    const fresh = age >= 0 && age <= PINS_FRESH_FOR_MS ? known.get(name) : undefined;
    const targets = fresh?.targets ?? (await readPins(name, readSecret));
    if (fresh === undefined) {
      known.set(name, { targets, readAt: now() });
    }
    return targets;
  };
}

async function readPins(name: string, readSecret: (name: string) => Promise<string>): Promise<SecretTargets> {
  let text: string;
  try {
    text = await readSecret(name);
  } catch (error) {
    throw error instanceof SecretStoreError
      ? new RotationError('PINS_UNREADABLE', `The pins in the secret ${name} cannot be read. ${error.message}`)
      : error;
  }
  const targets = parseSecretTargets(text);
  if (targets === undefined) {
    throw new RotationError('PINS_UNREADABLE', `The secret ${name} holds no pins in JSON.`);
  }
  return targets;
}

import { RotationError } from '../protocol/rotation/errors.ts';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import {
  InvalidPinsError,
  isPinsLocation,
  type PinsLocation,
  pinsSecretOf,
  readPins,
} from '../protocol/secret/pins.ts';
import type { PinsBySecret } from '../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';

/**
 * Makes the reader of the pins that may be those of a rotated secret. createSecret reads them anew,
 * so that a rotation never begins with the pins of an earlier deployment. The other steps of a
 * rotation use what createSecret read in this worker.
 *
 * @param configured the pins themselves, or the secrets that hold them.
 * @param readSecret reads the current text of a secret.
 * @returns a function that throws RotationError PINS_UNREADABLE. A rotation without its pins never
 * starts, because the value of the secret could then name any user of any allowed host.
 */
export function createPinsReader(
  configured: PinsBySecret | PinsLocation,
  readSecret: (name: string) => Promise<string>,
): (secretName: string, request: Pick<RotationRequest, 'step' | 'token'>) => Promise<PinsBySecret> {
  let known: { readonly secretName: string; readonly token: string; readonly pins: PinsBySecret } | undefined;
  return async (secretName, { step, token }) => {
    if (!isPinsLocation(configured)) {
      return configured;
    }
    if (step === 'createSecret' || known?.token !== token || known.secretName !== secretName) {
      const pins = await readOrRefuse(pinsSecretOf(secretName, configured), readSecret);
      known = { secretName, token, pins };
    }
    return known.pins;
  };
}

async function readOrRefuse(name: string, readSecret: (name: string) => Promise<string>): Promise<PinsBySecret> {
  try {
    return await readPins(name, readSecret);
  } catch (error) {
    throw error instanceof SecretStoreError || error instanceof InvalidPinsError
      ? new RotationError('PINS_UNREADABLE', `The pins in the secret ${name} cannot be read. ${error.message}`)
      : error;
  }
}

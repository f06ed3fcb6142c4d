import { RotationError } from '../protocol/rotation/errors.ts';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import { isPinsLocation, type PinsLocation, pinsSecretOf } from '../protocol/secret/pins.ts';
import { parseSecretTargets, type SecretTargets } from '../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';

/**
 * Reads the pins that may be those of a rotated secret. createSecret reads them anew, so that a
 * rotation never begins with the pins of an earlier deployment. The other steps of a rotation use
 * what createSecret read in this worker.
 *
 * @throws RotationError PINS_UNREADABLE. A rotation without its pins never starts, because the
 * value of the secret could then name any user of any allowed host.
 */
export type PinsReader = (
  secretName: string,
  request: Pick<RotationRequest, 'step' | 'token'>,
) => Promise<SecretTargets>;

/**
 * @param configured the pins themselves, or the secrets that hold them.
 * @param readSecret reads the current text of a secret.
 */
export function createPinsReader(
  configured: SecretTargets | PinsLocation,
  readSecret: (name: string) => Promise<string>,
): PinsReader {
  let known: { readonly secretName: string; readonly token: string; readonly targets: SecretTargets } | undefined;
  return async (secretName, { step, token }) => {
    if (!isPinsLocation(configured)) {
      return configured;
    }
    if (step === 'createSecret' || known?.token !== token || known.secretName !== secretName) {
      const targets = await readPins(pinsSecretOf(secretName, configured), readSecret);
      known = { secretName, token, targets };
    }
    return known.targets;
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

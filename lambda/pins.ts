import { RotationError } from '../protocol/rotation/errors.ts';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import { definitionOf } from '../protocol/rotation/strategies/strategies.ts';
import type { AccountAndRegion } from '../protocol/secret/account-and-region.ts';
import {
  InvalidPinsError,
  isPinsLocation,
  type PinsLocation,
  pinsSecretOf,
  readPins,
} from '../protocol/secret/pins.ts';
import { findTarget, type SecretTarget, type SecretTargets } from '../protocol/secret/rotated-secrets.ts';
import { type SecretDescription, SecretStoreError } from '../protocol/secret/secret-store.ts';

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
      const targets = await readOrRefuse(pinsSecretOf(secretName, configured), readSecret);
      known = { secretName, token, targets };
    }
    return known.targets;
  };
}

/**
 * The target of a secret in the pins that may be its own.
 *
 * @throws RotationError SECRET_NOT_CONFIGURED if the pins are complete and lack the secret. Its
 * schedule outlives its entry in the configuration, and without its pin it would rotate as a secret
 * of any user. The same if the pins lack the endpoint that the strategy needs: whoever may write
 * the secret could then choose the host that gets a new API key. Not every template checks the
 * pins.
 */
export function requireTarget(
  secret: SecretDescription,
  targets: SecretTargets,
  { pins, functionPlace }: { pins: SecretTargets | PinsLocation; functionPlace: AccountAndRegion },
): SecretTarget {
  const target = findTarget(secret, targets, functionPlace);
  if (target === undefined && isPinsLocation(pins) && pins.isComplete) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secret.arn} has no entry in this function's configuration.`);
  }
  const { name, mustPin } = definitionOf(target ?? {});
  if (mustPin && target?.endpoint === undefined) {
    throw new RotationError(
      'SECRET_NOT_CONFIGURED',
      `The entry of ${secret.arn} in this function's configuration names no endpoint, which ${name} needs.`,
    );
  }
  return target ?? {};
}

async function readOrRefuse(name: string, readSecret: (name: string) => Promise<string>): Promise<SecretTargets> {
  try {
    return await readPins(name, readSecret);
  } catch (error) {
    throw error instanceof SecretStoreError || error instanceof InvalidPinsError
      ? new RotationError('PINS_UNREADABLE', `The pins in the secret ${name} cannot be read. ${error.message}`)
      : error;
  }
}

import { isPinsLocation } from '../secret/pins.ts';
import { findPins, type Pins, type PinsBySecret } from '../secret/rotated-secrets.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';
import { strategyOf } from './strategies/strategies.ts';

/**
 * The pins of a secret among those that may be its own.
 *
 * @throws RotationError SECRET_NOT_CONFIGURED if the pins are complete and lack the secret. Its
 * schedule outlives its entry in the configuration, and without its pin it would rotate as a secret
 * of any user. The same if the pins lack the endpoint that the strategy needs: whoever may write
 * the secret could then choose the host that gets a new API key. Not every template checks the
 * pins.
 */
export function requireEntry(
  secret: { readonly arn: string; readonly name: string },
  bySecret: PinsBySecret,
  { config, functionArn }: Pick<RotationPorts, 'config' | 'functionArn'>,
): Pins {
  const pins = findPins(secret, bySecret, functionArn);
  if (pins === undefined && isPinsLocation(config.pins) && config.pins.isComplete) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secret.arn} has no entry in this function's configuration.`);
  }
  const { name, mustPin } = strategyOf(pins ?? {});
  if (mustPin && pins?.endpoint === undefined) {
    throw new RotationError(
      'SECRET_NOT_CONFIGURED',
      `The entry of ${secret.arn} in this function's configuration names no endpoint, which ${name} needs.`,
    );
  }
  return pins ?? {};
}

import { isPinsLocation } from '../secret/pins.ts';
import { findPins, type PinsBySecret } from '../secret/rotated-secrets.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';
import { strategyOf } from './strategies/strategies.ts';
import type { Attempt } from './strategies/strategy.ts';

/**
 * The pins of a secret among those that may be its own, and the strategy that they tell. Without an
 * entry: no pins, and the default strategy.
 *
 * @throws RotationError SECRET_NOT_CONFIGURED if the pins are complete and lack the secret. Its
 * schedule outlives its entry in the configuration, and without its pin it would rotate as a secret
 * of any user. The same if the pins lack the endpoint that the strategy needs: whoever may write
 * the secret could then choose the host that gets a new API key. Not every template checks the
 * pins. PINS_UNREADABLE if the pins lack what their strategy needs.
 */
export function requireEntry(
  secret: { readonly arn: string; readonly name: string },
  bySecret: PinsBySecret,
  { config, functionArn }: Pick<RotationPorts, 'config' | 'functionArn'>,
): Pick<Attempt, 'pins' | 'strategy'> {
  const entry = findPins(secret, bySecret, functionArn);
  if (entry === undefined && isPinsLocation(config.pins) && config.pins.isComplete) {
    throw new RotationError('SECRET_NOT_CONFIGURED', `${secret.arn} has no entry in this function's configuration.`);
  }
  const pins = entry ?? {};
  const strategy = strategyOf(pins);
  if (strategy.mustPin && pins.endpoint === undefined) {
    throw new RotationError(
      'SECRET_NOT_CONFIGURED',
      `The entry of ${secret.arn} in this function's configuration names no endpoint, which ${strategy.name} needs.`,
    );
  }
  if (!strategy.canUse(pins)) {
    throw new RotationError('PINS_UNREADABLE', `The pins of the secret are not those of ${strategy.name}.`);
  }
  return { pins, strategy };
}

import type { EndpointOptions, UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { requireConfigured, requireEntry } from '../../protocol/rotation/configured-secrets.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import type { FunctionConfig } from '../../protocol/rotation/function-config.ts';
import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import type { Strategy } from '../../protocol/rotation/strategies/strategy.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { findPins, type Pins } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { type DeployedFunction, readDeployedFunction } from '../aws/deployed-function.ts';

export interface KnownStrategy extends Strategy {
  /**
   * The configuration of the rotation function, as the deployment wrote it. `undefined`: not known,
   * so the strategy is that of `init --users`, or else assumed: a single user.
   */
  readonly config: FunctionConfig | undefined;
  /**
   * What the configuration pins for the secret. If it is not known, the users of `init --users`.
   */
  readonly pins: Pins;
  /**
   * Why the function refuses the secret, whatever its value is. `undefined`: it does not, or its
   * configuration is not known.
   */
  readonly refusal?: string | undefined;
  /** What the operator should know if the configuration could not be read. */
  readonly notes: readonly string[];
}

/** The two users of `init --users`. */
export type Usernames = readonly [string, string];

/** Reads the users from the rotation function. The given ones count only if this is impossible. */
export async function readStrategy(
  secret: RotatingSecret,
  usernames: Usernames | undefined,
  aws: Pick<Aws, 'readFunction' | 'pins'>,
): Promise<KnownStrategy> {
  const { rotationFunctionArn: functionArn } = secret;
  const deployed = functionArn === undefined ? '' : await readDeployedFunction(functionArn, aws, secret.name);
  const pins = typeof deployed === 'string' ? {} : (findPins(secret, deployed.pins, deployed.functionArn) ?? {});
  const strategy = strategyOf(pins);
  if (typeof deployed !== 'string' && strategy.canUse(pins)) {
    const refusal = refusalOf(secret, deployed);
    return { ...strategy, pins, config: deployed.config, refusal, notes: [] };
  }
  if (usernames !== undefined) {
    return assumed({ usernames });
  }
  const reason = typeof deployed === 'string' ? deployed : `The pins of ${functionArn} are invalid.`;
  const note = `The command does not know whether two users take turns, and treats the secret as one with a single user. ${reason}`;
  const notes = reason === '' ? [] : [note];
  return { ...assumed({}), notes };
}

function assumed(pins: Pins): KnownStrategy {
  return { ...strategyOf(pins), pins, config: undefined, notes: [] };
}

function refusalOf(secret: RotatingSecret, deployed: DeployedFunction): string | undefined {
  const [absent] = deployed.absentPins;
  try {
    requireConfigured(secret.arn, deployed);
    if (absent !== undefined) {
      return `PINS_UNREADABLE: The secret ${absent}, which should have its pins, does not exist.`;
    }
    requireEntry(secret, deployed.pins, deployed);
    return undefined;
  } catch (error) {
    if (error instanceof RotationError) {
      return error.message;
    }
    throw error;
  }
}

/**
 * The strategy of a stored value. The value tells the strategy if the command cannot read the
 * configuration.
 */
export function strategyOfValue(known: KnownStrategy, { credentials }: UsableCredential): KnownStrategy {
  const rules = formOf(credentials);
  return known.config !== undefined || rules === formOf(known) ? known : assumed(rules.pins(credentials.username));
}

/**
 * The endpoint of a version that names none is the one that the function uses, and the one of
 * `--endpoint` only if the function has none.
 */
export function endpointsFor(
  { pins, config }: Pick<KnownStrategy, 'pins' | 'config'>,
  given: EndpointOptions,
): EndpointOptions {
  return { ...given, configured: pins.endpoint ?? config?.defaultEndpoint ?? given.configured };
}

import { type FunctionConfig, readConfig } from '../../protocol/rotation/function-config.ts';
import { ConfigError } from '../../protocol/rotation/setting.ts';
import { InvalidPinsError, isPinsLocation, pinsSecretOf, pinsSecrets, readPins } from '../../protocol/secret/pins.ts';
import { type PinsBySecret, ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { catchKnown } from '../outcome/failure.ts';
import type { Aws } from './aws.ts';
import { AwsError } from './aws-error.ts';
import { MAX_CONCURRENT, mapConcurrently } from './map-concurrently.ts';

/** A rotation function as the deployment configured it. */
export interface DeployedFunction {
  readonly functionArn: string;
  readonly config: FunctionConfig;
  /** The pins of the secret that was asked for, or of all secrets. */
  readonly pins: PinsBySecret;
  /** The secrets with pins that do not exist, so that the function refuses the secrets in them. */
  readonly absentPins: readonly string[];
  readonly isOurs: boolean;
}

/**
 * Reads the configuration of a rotation function.
 *
 * @param secretName for the pins of one secret. `undefined`: for those of all secrets.
 * @returns a sentence with the reason if that is impossible
 */
export async function readDeployedFunction(
  functionArn: string,
  aws: Pick<Aws, 'readFunction' | 'pins'>,
  secretName?: string,
): Promise<DeployedFunction | string> {
  try {
    const environment = (await aws.readFunction(functionArn)).environment();
    const config = readConfig(environment);
    const pins = await readPinsOf(config.pins, secretName, aws);
    const isOurs = ROTATED_SECRETS in environment;
    return { functionArn, config, ...pins, isOurs };
  } catch (error) {
    if (error instanceof ConfigError) {
      return `The environment of ${functionArn} is invalid. ${error.message}`;
    }
    if (error instanceof SecretStoreError || error instanceof InvalidPinsError) {
      return `The pins of ${functionArn} could not be read. ${error.message}`;
    }
    if (error instanceof AwsError) {
      const allow = 'To read the function, allow lambda:GetFunctionConfiguration. ';
      return `${error.kind === 'access-denied' ? allow : ''}${error.message}`;
    }
    throw error;
  }
}

async function readPinsOf(
  pins: FunctionConfig['pins'],
  secretName: string | undefined,
  aws: Pick<Aws, 'pins'>,
): Promise<Pick<DeployedFunction, 'pins' | 'absentPins'>> {
  if (!isPinsLocation(pins)) {
    return { pins, absentPins: [] };
  }
  const names = secretName === undefined ? pinsSecrets(pins) : [pinsSecretOf(secretName, pins)];
  const absentPins: string[] = [];
  const parts = await mapConcurrently(names, MAX_CONCURRENT, async (name) => {
    const found = await catchKnown(
      readPins(name, (id) => aws.pins(id)),
      SecretStoreError,
    );
    if (!(found instanceof SecretStoreError)) {
      return found;
    }
    if (found.code !== 'ResourceNotFoundException') {
      throw found;
    }
    absentPins.push(name);
    return {};
  });
  return { pins: Object.assign({}, ...parts) as PinsBySecret, absentPins };
}

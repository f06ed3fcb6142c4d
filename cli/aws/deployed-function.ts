import { ConfigError, type FunctionConfig, readConfig } from '../../protocol/rotation/function-config.ts';
import { type AccountAndRegion, accountAndRegionOf, ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws } from './aws.ts';
import { AwsError } from './aws-error.ts';

/** A rotation function as the deployment configured it. */
export interface DeployedFunction {
  readonly config: FunctionConfig;
  readonly place: AccountAndRegion;
  /** Whether it is a function of this product. */
  readonly isOurs: boolean;
}

/**
 * Reads the configuration of a rotation function.
 *
 * @returns a sentence with the reason if that is impossible
 */
export async function readDeployedFunction(
  functionArn: string,
  aws: Pick<Aws, 'functionEnvironment'>,
): Promise<DeployedFunction | string> {
  try {
    const environment = await aws.functionEnvironment(functionArn);
    const isOurs = ROTATED_SECRETS in environment;
    return { config: readConfig(environment), place: accountAndRegionOf(functionArn), isOurs };
  } catch (error) {
    if (error instanceof ConfigError) {
      return `The environment of ${functionArn} is invalid. ${error.message}`;
    }
    if (error instanceof AwsError) {
      return error.message;
    }
    throw error;
  }
}

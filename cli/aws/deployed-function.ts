import {
  type AccountAndRegion,
  accountAndRegionOf,
  parseSecretTargets,
  ROTATED_SECRETS,
  SECRET_TARGETS,
  type SecretTargets,
} from '../../protocol/secret/rotated-secrets.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Aws } from './aws.ts';
import { AwsError } from './aws-error.ts';

/** A rotation function as the deployment configured it. */
export interface DeployedFunction {
  readonly environment: Readonly<Record<string, string>>;
  readonly targets: SecretTargets;
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
  const environment = await catchKnown(aws.functionEnvironment(functionArn), AwsError);
  if (environment instanceof AwsError) {
    return environment.message;
  }
  const targets = parseSecretTargets(environment[SECRET_TARGETS] || '{}');
  if (targets === undefined) {
    return `The environment of ${functionArn} is invalid.`;
  }
  return { environment, targets, place: accountAndRegionOf(functionArn), isOurs: ROTATED_SECRETS in environment };
}

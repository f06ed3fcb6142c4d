import type { FunctionConfig } from '../../protocol/rotation/function-config.ts';
import type { AccountAndRegion } from '../../protocol/secret/account-and-region.ts';
import { isPinsLocation, pinsSecretOf } from '../../protocol/secret/pins.ts';
import { formatPattern } from '../../protocol/secret/rotated-secrets.ts';
import type { Aws } from '../aws/aws.ts';
import { type DeployedFunction, readDeployedFunction } from '../aws/deployed-function.ts';
import type { CommandPorts } from '../command-ports.ts';
import { refuse } from '../outcome/failure-error.ts';
import { searchPlaces } from '../select/search.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** The name of a temporary secret begins with it, after the folder of the function. */
export const NAME = 'zilliz-verify-';

/** The function that rotates the temporary secret, and the names of what it needs. */
export interface Deployed extends DeployedFunction {
  readonly functionArn: string;
}

/** The names of the temporary secrets. */
export interface TemporaryNames {
  readonly name: string;
  /** The secret with its pins. `undefined`: it needs none. */
  readonly pinsName: string | undefined;
}

/** Finds the function as the other secrets of this account and region name it. @throws AwsError */
export async function findFunction(
  { function: named, ...options }: VerifyOptions,
  { aws, connectAws }: CommandPorts & { readonly aws: Aws },
): Promise<Deployed> {
  const secrets = named === undefined ? (await searchPlaces(options, connectAws)).selected : [];
  const arns = secrets.map(({ secret }) => secret?.rotationFunctionArn);
  const found = [...new Set([named, ...arns].filter((arn) => arn !== undefined))];
  const [functionArn, ...others] = found;
  if (functionArn === undefined || others.length > 0) {
    return refuse(
      'function-needed',
      `The secrets of this account and region name not one rotation function of this product, but ${found.join(', ') || 'none'}.`,
      'Give --function ARN.',
    );
  }
  // The name decides only which pins are read, and the secret does not exist yet.
  const deployed = await readDeployedFunction(functionArn, { ...aws, pins: async () => '{}' }, 'unknown');
  if (typeof deployed === 'string') {
    return refuse('function-unreadable', deployed, 'Remove the cause, and run the command again.');
  }
  return deployed.isOurs
    ? { ...deployed, functionArn }
    : refuse(
        'function-needed',
        `${functionArn} is no rotation function of this product.`,
        'Give another --function ARN.',
      );
}

/**
 * A name of a temporary secret that the function accepts.
 *
 * @param id makes the name unique
 */
export function nameFor({ config, place }: Pick<Deployed, 'config' | 'place'>, id: string): TemporaryNames {
  const { pins, rotatedSecrets } = config;
  const folder = folderOf(rotatedSecrets, place);
  const ofEach = isPinsLocation(pins) && pins.count === 'each';
  // With stacks, the function refuses a secret without an entry in the pins.
  if (folder === undefined || (isPinsLocation(pins) && pins.isComplete && !ofEach)) {
    return refuse(
      'secret-not-accepted',
      `The function rotates only secrets that its configuration names (${rotatedSecrets?.map(formatPattern).join(', ')}).`,
      'Deploy the template of the release with SecretNamePrefix=zilliz-verify/ and the network of the function (docs/start.md#cloudformation), and give its function as --function ARN.',
    );
  }
  const name = `${folder}${NAME}${id}`;
  return { name, pinsName: ofEach ? pinsSecretOf(name, pins) : undefined };
}

function folderOf(patterns: FunctionConfig['rotatedSecrets'], place: AccountAndRegion): string | undefined {
  return patterns
    ?.find(({ account = place.account, resource }) => account === place.account && resource.endsWith('*'))
    ?.resource.slice(0, -1);
}

import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import { isPinsLocation, pinsSecretOf } from '../../protocol/secret/pins.ts';
import { formatPattern } from '../../protocol/secret/rotated-secrets.ts';
import { type DeployedFunction, readDeployedFunction } from '../aws/deployed-function.ts';
import { readPlace } from '../aws/place.ts';
import { refuse } from '../outcome/failure.ts';
import { searchPlaces } from '../select/search.ts';
import type { Setup, VerifyPorts } from './run.ts';
import { NAME } from './temporary.ts';

/** Finds the function as the other secrets of this account and region name it. @throws AwsError */
export async function findFunction({ options, aws, connectAws }: VerifyPorts): Promise<DeployedFunction> {
  const { function: named, ...search } = options;
  const secrets = named === undefined ? (await searchPlaces(search, connectAws)).selected : [];
  const arns = secrets.map(({ secret }) => secret?.rotationFunctionArn);
  const found = [...new Set([named, ...arns].filter((arn) => arn !== undefined))];
  const [functionArn, ...others] = found;
  if (functionArn === undefined || others.length > 0) {
    const place = (await readPlace(aws)) ?? 'this account and region';
    const message = `The secrets of ${place} name ${found.join(' and ') || 'no rotation function of this product'}, and the command needs one function.`;
    return refuse('function-needed', message, 'Give --function ARN.');
  }
  // The name decides only which pins are read, and the secret does not exist yet.
  const deployed = await readDeployedFunction(functionArn, { ...aws, pins: async () => '{}' }, 'unknown');
  if (typeof deployed === 'string') {
    return refuse('function-unreadable', deployed, 'Remove the cause, and run the command again.');
  }
  if (!deployed.isOurs) {
    const message = `${functionArn} is no rotation function of this product.`;
    return refuse('function-needed', message, 'Give another --function ARN.');
  }
  return deployed;
}

/**
 * The names of temporary secrets that the function accepts.
 *
 * @param id makes the names unique
 * @throws FailureError
 */
export function nameFor({ config, functionArn }: DeployedFunction, id: string): Pick<Setup, 'name' | 'pinsName'> {
  const { pins, rotatedSecrets } = config;
  const own = accountAndRegionOf(functionArn).account;
  const folder = rotatedSecrets?.find(({ account = own, resource }) => {
    return account === own && resource.endsWith('*');
  });
  const ofEach = isPinsLocation(pins) && pins.count === 'each';
  // With stacks, the function refuses a secret without an entry in the pins.
  if (folder === undefined || (isPinsLocation(pins) && pins.isComplete && !ofEach)) {
    return refuse(
      'secret-not-accepted',
      `The function rotates only secrets that its configuration names (${rotatedSecrets?.map(formatPattern).join(', ')}).`,
      'Deploy the template of the release with SecretNamePrefix=zilliz-verify/ and the network of the function (docs/start.md#cloudformation), and give its function as --function ARN.',
    );
  }
  const name = `${folder.resource.slice(0, -1)}${NAME}${id}`;
  return { name, pinsName: ofEach ? pinsSecretOf(name, pins) : undefined };
}

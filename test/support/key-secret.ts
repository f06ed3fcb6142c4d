import { randomBytes } from 'node:crypto';
import type { KeyCloud } from '../../local/api-keys/key-cloud.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { createRotationFunction } from './deployed-function.ts';
import { servers } from './servers.ts';

/** A secret with an API key, and the function that rotates it. */
export interface KeySecret {
  readonly secret: CloudSecret;
  readonly functionName: string;
  /** The key with which the rotation begins. */
  readonly first: { readonly id: string; readonly key: string };
}

export interface KeySecretOptions {
  /** @default grpc */
  readonly transport?: Transport;
  /** Further environment variables of the function. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Creates an API key and its secret, and the function that `cdk deploy` of this checkout deploys. A
 * replaced key has no minimum gap.
 */
export async function deployKeySecret(
  keys: Pick<KeyCloud, 'controlPlaneUrl' | 'managerKey' | 'createKey' | 'endpoint' | 'restEndpoint'>,
  { transport = 'grpc', environment = {} }: KeySecretOptions = {},
): Promise<KeySecret> {
  const functionName = `api-keys-${randomBytes(6).toString('hex')}`;
  const secret = new CloudSecret(servers().access, `${functionName}/orders`);
  const manager = new CloudSecret(servers().access, `${functionName}/manager`);
  const { id, key } = keys.createKey();
  const endpoint = transport === 'grpc' ? keys.endpoint : keys.restEndpoint;
  await secret.create(newDocument({ endpoint, form: 'api-key', username: id, password: key }));
  const targets = { [secret.name]: { endpoint, apiKeyId: id } };
  const functionArn = await createRotationFunction(functionName, targets, {
    CLUSTER_TRANSPORT: transport,
    MANAGER_SECRET_ARN: await manager.create(keys.managerKey),
    CONTROL_PLANE_URL: keys.controlPlaneUrl,
    ...environment,
  });
  await secret.configureRotation(functionArn);
  return { secret, functionName, first: { id, key } };
}

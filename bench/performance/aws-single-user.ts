import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { RotationEvent } from '../../local/cloud/lambda-function.ts';
import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { parseDocument, type SecretDocument } from '../../protocol/secret/document.ts';

const client = new SecretsManagerClient({});

/** The requests to the cluster that the algorithm needs. */
type SingleUserCluster = Pick<Cluster, 'authenticates' | 'changePassword'>;

/**
 * The Lambda handler of the single-user strategy that AWS describes and ships for its databases,
 * for a Milvus user and any way to reach the cluster. The benchmark compares this project with
 * this algorithm, so all decisions of the original are kept:
 *
 * - Every failed login counts as "no connection".
 * - The pending version is tried before its host and user are compared.
 * - Only the versions with one of AWS's three labels are read.
 * - The answer to a change counts without a login.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 * @see
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export function createAwsHandler(cluster: SingleUserCluster): (event: RotationEvent) => Promise<void> {
  return async ({ Step, SecretId, ClientRequestToken: token }) => {
    const { RotationEnabled, VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    const own = VersionIdsToStages[token];
    if (RotationEnabled === false) {
      throw new Error('The secret is not enabled for rotation.');
    }
    if (own === undefined) {
      throw new Error(`The version ${token} has no stage for rotation.`);
    }
    if (own.includes('AWSCURRENT')) {
      return;
    }
    if (!own.includes('AWSPENDING')) {
      throw new Error(`The version ${token} is not set as AWSPENDING for rotation.`);
    }
    switch (Step) {
      case 'createSecret':
        return await createSecret(SecretId, token);
      case 'setSecret':
        return await setSecret(SecretId, token, cluster);
      case 'testSecret':
        return await testSecret(SecretId, token, cluster);
      case 'finishSecret':
        return await finishSecret(SecretId, token);
      default:
        throw new Error('Invalid step parameter.');
    }
  };
}

async function createSecret(SecretId: string, token: string): Promise<void> {
  const current = await required(SecretId, 'AWSCURRENT');
  if ((await read(SecretId, 'AWSPENDING', token)) !== undefined) {
    return;
  }
  const { RandomPassword: password = '' } = await client.send(
    new GetRandomPasswordCommand({ PasswordLength: 32, ExcludeCharacters: '/@"\'\\' }),
  );
  const SecretString = current.withCredential({ password });
  const version = { SecretId, ClientRequestToken: token, VersionStages: ['AWSPENDING'] };
  await client.send(new PutSecretValueCommand({ ...version, SecretString }));
}

async function setSecret(SecretId: string, token: string, cluster: SingleUserCluster): Promise<void> {
  const previous = await read(SecretId, 'AWSPREVIOUS').catch(() => undefined);
  const current = await required(SecretId, 'AWSCURRENT');
  const pending = await required(SecretId, 'AWSPENDING', token);
  if ((await connect(cluster, pending)) !== undefined) {
    return;
  }
  requireSameTarget(current, pending);
  let connection = await connect(cluster, current);
  if (connection === undefined && previous !== undefined) {
    connection = await connect(cluster, previous);
    requireSameTarget(current, previous);
  }
  if (connection === undefined) {
    throw new Error('Unable to log into the cluster with the previous, current, or pending secret.');
  }
  const answer = await cluster.changePassword(connection, pending.password);
  if (answer.kind !== 'changed') {
    throw new Error(`The password was not changed: ${answer.answer}`);
  }
}

async function testSecret(SecretId: string, token: string, cluster: SingleUserCluster): Promise<void> {
  if ((await connect(cluster, await required(SecretId, 'AWSPENDING', token))) === undefined) {
    throw new Error('Unable to log into the cluster with the pending secret.');
  }
}

async function finishSecret(SecretId: string, token: string): Promise<void> {
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  const from = Object.keys(VersionIdsToStages).find((version) => VersionIdsToStages[version]?.includes('AWSCURRENT'));
  if (from !== undefined && from !== token) {
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: token, RemoveFromVersionId: from };
    await client.send(new UpdateSecretVersionStageCommand({ SecretId, ...move }));
  }
}

async function connect(cluster: SingleUserCluster, document: SecretDocument): Promise<Credentials | undefined> {
  try {
    const { endpoint: url = '', username, password } = document;
    const endpoint = parseEndpoint(url, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false });
    const credentials = { endpoint, username, password };
    const login = await cluster.authenticates(credentials);
    return login.kind === 'accepted' ? credentials : undefined;
  } catch {
    return undefined;
  }
}

function requireSameTarget(current: SecretDocument, other: SecretDocument): void {
  if (current.username !== other.username || current.endpoint !== other.endpoint) {
    throw new Error('Attempting to modify another user or host than the one of the current secret.');
  }
}

/** @returns undefined if the version does not exist or holds no value. */
async function read(SecretId: string, VersionStage: string, VersionId?: string): Promise<SecretDocument | undefined> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId, VersionStage, VersionId }));
    return SecretString === undefined ? undefined : parseDocument(SecretString);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

async function required(SecretId: string, stage: string, versionId?: string): Promise<SecretDocument> {
  const value = await read(SecretId, stage, versionId);
  if (value === undefined) {
    throw new Error(`There is no ${stage} version.`);
  }
  return value;
}

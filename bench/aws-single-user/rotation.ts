import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { parseDocument, type SecretDocument } from '../../secret/document.ts';

/** The actions of Secrets Manager that the algorithm needs, for one secret. */
export interface SingleUserSecret {
  describe(): Promise<{ rotationEnabled: boolean | undefined; stages: Readonly<Record<string, readonly string[]>> }>;
  /** @returns undefined if the version does not exist or holds no value. */
  get(stage: string, versionId?: string): Promise<string | undefined>;
  randomPassword(): Promise<string>;
  putPending(versionId: string, value: string): Promise<void>;
  moveCurrent(move: { to: string; from: string }): Promise<void>;
}

/** The requests to the cluster that the algorithm needs. */
export type SingleUserCluster = Pick<Cluster, 'authenticates' | 'changePassword'>;

/**
 * The single-user strategy that AWS describes and ships for its databases, for a Milvus user. The
 * benchmark compares this project with this algorithm, so all decisions of the original are kept:
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
export async function rotateSingleUser(
  step: string,
  token: string,
  secret: SingleUserSecret,
  cluster: SingleUserCluster,
): Promise<void> {
  const { rotationEnabled, stages } = await secret.describe();
  const own = stages[token];
  if (rotationEnabled === false) {
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
  switch (step) {
    case 'createSecret':
      return await createSecret(secret, token);
    case 'setSecret':
      return await setSecret(secret, token, cluster);
    case 'testSecret':
      return await testSecret(secret, token, cluster);
    case 'finishSecret':
      return await finishSecret(secret, token);
    default:
      throw new Error('Invalid step parameter.');
  }
}

async function createSecret(secret: SingleUserSecret, token: string): Promise<void> {
  const current = await required(secret, 'AWSCURRENT');
  if ((await secret.get('AWSPENDING', token)) === undefined) {
    await secret.putPending(token, current.withCredential({ password: await secret.randomPassword() }));
  }
}

async function setSecret(secret: SingleUserSecret, token: string, cluster: SingleUserCluster): Promise<void> {
  const previousValue = await secret.get('AWSPREVIOUS').catch(() => undefined);
  const previous = previousValue === undefined ? undefined : parseDocument(previousValue);
  const current = await required(secret, 'AWSCURRENT');
  const pending = await required(secret, 'AWSPENDING', token);
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

async function testSecret(secret: SingleUserSecret, token: string, cluster: SingleUserCluster): Promise<void> {
  if ((await connect(cluster, await required(secret, 'AWSPENDING', token))) === undefined) {
    throw new Error('Unable to log into the cluster with the pending secret.');
  }
}

async function finishSecret(secret: SingleUserSecret, token: string): Promise<void> {
  const { stages } = await secret.describe();
  const from = Object.keys(stages).find((version) => stages[version]?.includes('AWSCURRENT'));
  if (from !== undefined && from !== token) {
    await secret.moveCurrent({ to: token, from });
  }
}

async function connect(cluster: SingleUserCluster, document: SecretDocument): Promise<Credentials | undefined> {
  try {
    const credentials = credentialsOf(document);
    const login = await cluster.authenticates(credentials);
    return login.kind === 'accepted' ? credentials : undefined;
  } catch {
    return undefined;
  }
}

function credentialsOf({ endpoint = '', username, password }: SecretDocument): Credentials {
  return {
    endpoint: parseEndpoint(endpoint, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false }),
    username,
    password,
  };
}

function requireSameTarget(current: SecretDocument, other: SecretDocument): void {
  if (current.username !== other.username || current.endpoint !== other.endpoint) {
    throw new Error('Attempting to modify another user or host than the one of the current secret.');
  }
}

async function required(secret: SingleUserSecret, stage: string, versionId?: string): Promise<SecretDocument> {
  const value = await secret.get(stage, versionId);
  if (value === undefined) {
    throw new Error(`There is no ${stage} version.`);
  }
  return parseDocument(value);
}

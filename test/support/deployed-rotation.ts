import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { MilvusName } from '../../local/cloud/access.ts';
import { setRetries as setRetriesOf, untilRotation } from '../../local/cloud/emulator-control.ts';
import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { awsOptions, canLogIn, documentOf, newClusterUser, secretsManager, servers, uniqueName } from './servers.ts';

/** Creates a secret in the folder of the shared functions. @returns its name */
export async function newSecret(value: string, tags: Record<string, string> = {}): Promise<string> {
  const Name = uniqueName('zilliz/app');
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await secretsManager().createSecret({ Name, SecretString: value, Tags });
  return Name;
}

/** A cluster user and the name of the secret with its credential. */
export interface UserWithSecret {
  readonly user: Credentials;
  readonly secret: string;
}

/**
 * @param more keys of the secret's value, in addition to the credential.
 * @param roles of the user.
 */
export async function newUserWithSecret(
  server: MilvusName,
  more: object = {},
  roles: readonly string[] = [],
): Promise<UserWithSecret> {
  const user = await newClusterUser(server, roles);
  return { user, secret: await newSecret(documentOf(user, more)) };
}

/** Creates the secret of an admin of the server. @returns its name */
export function newAdminSecret(server: MilvusName): Promise<string> {
  const { endpoint, rootPassword } = servers().access.milvus[server];
  return newSecret(JSON.stringify({ endpoint, username: 'root', password: rootPassword }));
}

/**
 * Stores a new version with these labels. Default: AWSCURRENT.
 *
 * @param token the id of the version. Default: a random one.
 * @returns the id of the version
 */
export async function putValue(secretId: string, value: string, labels?: string[], token?: string): Promise<string> {
  const { VersionId = '' } = await secretsManager().putSecretValue({
    SecretId: secretId,
    SecretString: value,
    VersionStages: labels,
    ClientRequestToken: token,
  });
  return VersionId;
}

/** Stores the real password of a new secret, as an operator does. Other fields stay. */
export async function storePassword(secretId: string, password: string): Promise<void> {
  // A value that is stored while Secrets Manager tests a new schedule ends this test.
  await rotationSettles(secretId);
  const value = JSON.parse(await currentValue(secretId)) as object;
  await putValue(secretId, JSON.stringify({ ...value, password }));
}

/** Rotates and waits until no step runs. @returns the id of the rotation's version */
export async function rotateToItsEnd(secretId: string, ClientRequestToken: string = randomUUID()): Promise<string> {
  await secretsManager().rotateSecret({ SecretId: secretId, ClientRequestToken });
  await rotationSettles(secretId, 'settled');
  return ClientRequestToken;
}

/**
 * Waits until no step of the secret's rotation runs.
 *
 * @param state `idle`: no further attempt follows. `settled`: another attempt may follow.
 */
export async function rotationSettles(
  secretId: string,
  state: 'idle' | 'settled' = 'idle',
  awsUrl: string = awsOptions().endpoint,
): Promise<void> {
  await untilRotation({ awsUrl }, secretId, state);
}

/** Sets how often the emulator retries failed rotations of this secret. */
export async function setRetries(secretId: string, retries: number): Promise<void> {
  await setRetriesOf(servers().access, secretId, retries, 1);
}

/** The id of the version that holds each label. */
export async function labelsOf(secretId: string): Promise<Readonly<Record<string, string>>> {
  const { VersionIdsToStages = {} } = await secretsManager().describeSecret({ SecretId: secretId });
  return Object.fromEntries(
    Object.entries(VersionIdsToStages).flatMap(([versionId, labels]) => labels.map((label) => [label, versionId])),
  );
}

export async function currentValue(secretId: string): Promise<string> {
  const { SecretString } = await secretsManager().getSecretValue({ SecretId: secretId });
  return SecretString ?? '';
}

export async function currentPassword(secretId: string): Promise<string> {
  return parseDocument(await currentValue(secretId)).password;
}

/** Expects that the password in AWSCURRENT logs in, and that the former one does not. */
export async function expectRotated(secretId: string, former: Credentials, cluster?: Cluster): Promise<void> {
  const password = await currentPassword(secretId);
  expect(password).not.toBe(former.password);
  expect(await canLogIn({ ...former, password }, cluster)).toBe(true);
  expect(await canLogIn(former, cluster)).toBe(false);
}

/** The passwords of all versions of the secret, also of versions without a label. */
export async function passwordsOf(secretId: string): Promise<string[]> {
  const client = secretsManager();
  const { Versions = [] } = await client.listSecretVersionIds({ SecretId: secretId, IncludeDeprecated: true });
  const values = await Promise.all(
    Versions.map(async ({ VersionId }) => await client.getSecretValue({ SecretId: secretId, VersionId })),
  );
  return values.flatMap(({ SecretString = '' }) => passwordIn(SecretString));
}

/** Empty for a value that is no credential. */
function passwordIn(value: string): string[] {
  try {
    return [parseDocument(value).password];
  } catch {
    return [];
  }
}

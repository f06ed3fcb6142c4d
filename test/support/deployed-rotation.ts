import { expect } from 'vitest';
import type { MilvusName } from '../../local/cloud/access.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { canLogIn, documentOf, newClusterUser, servers, uniqueName } from './servers.ts';

/** The secret of this name, which need not exist. */
export function secretNamed(name: string): CloudSecret {
  return new CloudSecret(servers().access, name);
}

/** Creates a secret in the folder of the shared functions. */
export async function newSecret(value: string, tags: Record<string, string> = {}): Promise<CloudSecret> {
  const secret = secretNamed(uniqueName('zilliz/app'));
  await secret.create(value, tags);
  return secret;
}

/** A cluster user and the secret with its credential. */
export interface UserWithSecret {
  readonly user: Credentials;
  readonly secret: CloudSecret;
}

/**
 * @param more keys of the secret's value, in addition to the credential.
 * @param roles of the user.
 */
export async function newUserWithSecret(
  server: MilvusName,
  more: Record<string, unknown> = {},
  roles: readonly string[] = [],
): Promise<UserWithSecret> {
  const user = await newClusterUser(server, roles);
  return { user, secret: await newSecret(documentOf(user, more)) };
}

/** Creates the secret of an admin of the server. @returns its name */
export async function newAdminSecret(server: MilvusName): Promise<string> {
  const { endpoint, rootPassword: password } = servers().access.milvus[server];
  return (await newSecret(newDocument({ endpoint, username: 'root', password }))).name;
}

/** Expects that the password in AWSCURRENT logs in, and that the former one does not. */
export async function expectRotated(secret: CloudSecret, former: Credentials): Promise<void> {
  const password = await secret.password();
  expect(password).not.toBe(former.password);
  expect(await canLogIn({ ...former, password })).toBe(true);
  expect(await canLogIn(former)).toBe(false);
}

/** The passwords of all versions of the secret, also of versions without a label. */
export async function passwordsOf(secret: CloudSecret): Promise<string[]> {
  return (await secret.documents()).map(({ password }) => password);
}

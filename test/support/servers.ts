import { randomBytes } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { inject } from 'vitest';
import { createMilvusCluster } from '../../adapters/milvus-cluster.ts';
import {
  type AwsOptions,
  LOOPBACK,
  type LocalCloudAccess,
  type MilvusName,
  awsOptions as optionsAt,
} from '../../local/cloud/access.ts';
import type { CdkEnvironment } from '../../local/cloud/cdk.ts';
import { type AttachedCloud, attachLocalCloud } from '../../local/local-cloud.ts';
import {
  createClusterUser,
  newPassword as generatedPassword,
  logInWithToken,
  type MilvusAddress,
  setPassword,
} from '../../local/servers/milvus-client.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { newDocument } from '../../protocol/secret/document.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The servers that test/support/servers-setup.ts started for this run. */
    readonly localCloud: LocalCloudAccess;
  }
}

/** The real Milvus servers and the AWS emulator of this run. All tests share these servers. */
export function servers(): AttachedCloud {
  return attachLocalCloud(inject('localCloud'));
}

/** Client options of an account's root user. Default: the emulator and the account of this run. */
export function awsOptions(awsUrl: string = inject('localCloud').awsUrl, at?: CdkEnvironment): AwsOptions {
  return optionsAt({ awsUrl }, at);
}

export function secretsManager(): SecretsManager {
  return new SecretsManager(awsOptions());
}

/** Every password that this test file has created. */
export const createdPasswords: Set<string> = new Set();

export function newPassword(): string {
  const password = generatedPassword();
  createdPasswords.add(password);
  return password;
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

export function uniqueStackName(prefix: string): string {
  return uniqueName(prefix).replace('_', '');
}

/** Creates a cluster user that no other test uses. Its password can change without any role. */
export async function newClusterUser(server: MilvusName = 'tls', roles: readonly string[] = []): Promise<Credentials> {
  const username = uniqueName('user');
  const password = newPassword();
  const milvus = servers().access.milvus[server];
  await createClusterUser(milvus, { username, password, roles });
  return { endpoint: parseEndpoint(milvus.endpoint, LOOPBACK), username, password };
}

/** Creates a role that no other test uses. */
export async function newRole(server: MilvusName): Promise<string> {
  const role = uniqueName('reader');
  await newClusterUser(server, [role]);
  return role;
}

/** The endpoint of the REST v2 server in front of this Milvus. */
export function restEndpoint(server: MilvusName): Endpoint {
  return parseEndpoint(servers().access.milvus[server].restEndpoint, LOOPBACK);
}

/** The value of a secret for this user, with all keys of the format. */
export function documentOf({ endpoint, ...user }: Credentials, more: Record<string, unknown> = {}): string {
  return newDocument({ ...user, endpoint: endpoint.url }, more);
}

/** A server of this run at its endpoint, with TLS or without. */
function milvusAt({ endpoint }: Credentials): MilvusAddress {
  return { endpoint: endpoint.url, caPem: inject('localCloud').milvus.tls.caPem ?? '' };
}

/** @throws Error if the cluster neither accepts nor rejects the password. */
export async function canLogIn(user: Credentials): Promise<boolean> {
  return (await logInWithToken(milvusAt(user), tokenOf(user))) === 'accepted';
}

/** Changes the user's password on the cluster and not in a secret. @returns the new password. */
export async function changePasswordOutside(user: Credentials, password: string = newPassword()): Promise<string> {
  await setPassword(milvusAt(user), user, password);
  return password;
}

/** Sets the password of a user without the old one. `plaintext` grants this to root. */
export async function resetPassword(server: 'plaintext', username: string, password: string): Promise<void> {
  const { endpoint, rootPassword } = servers().access.milvus[server];
  const admin = { endpoint: parseEndpoint(endpoint, LOOPBACK), token: `root:${rootPassword}` };
  const { kind } = await createMilvusCluster().resetPassword(admin, username, password);
  if (kind !== 'changed') {
    throw new Error(`The password of ${username} was not reset: ${kind}`);
  }
}

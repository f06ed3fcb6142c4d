import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { inject } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { type Endpoint, type EndpointRules, parseEndpoint } from '../../cluster/endpoint.ts';
import { createPasswordGenerator } from '../../cluster/generated-password.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../cluster/password-policy.ts';
import { LOCAL_REGION, type LocalCloudAccess, type MilvusName } from '../../local/cloud/access.ts';
import { type AttachedCloud, attachLocalCloud } from '../../local/local-cloud.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The servers that test/support/servers-setup.ts started for this run. */
    readonly localCloud: LocalCloudAccess;
  }
}

export const LOOPBACK: EndpointRules = { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false };

/** The real Milvus servers and the AWS emulator of this run. Tests share them, and own what they create on them. */
export function servers(): AttachedCloud {
  return attachLocalCloud(inject('localCloud'));
}

/** Client options for the emulator, whichever service. */
export function awsOptions(): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return {
    endpoint: inject('localCloud').awsUrl,
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}

export function secretsManager(): SecretsManagerClient {
  return new SecretsManagerClient(awsOptions());
}

const passwords = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

/** A password that a leak can be told by: nothing else looks like it. */
export function newPassword(): string {
  return passwords.generate();
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** A cluster user of the test's own on a real Milvus. */
export async function newClusterUser(server: MilvusName = 'tls'): Promise<Credentials> {
  const cloud = servers();
  const username = uniqueName('user');
  const password = newPassword();
  await cloud.createClusterUser(server, { username, password });
  return { endpoint: parseEndpoint(cloud.access.milvus[server].endpoint, LOOPBACK), username, password };
}

/** An address of this machine at which nothing listens. */
export async function unusedEndpoint(): Promise<Endpoint> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return parseEndpoint(`http://127.0.0.1:${address.port}`, LOOPBACK);
}

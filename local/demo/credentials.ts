import { randomBytes } from 'node:crypto';
import { CreateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { MilvusName } from '../cloud/access.ts';
import type { AttachedCloud } from '../local-cloud.ts';

/** A cluster user whose password lives in a secret. */
export interface Credential {
  readonly secretName: string;
  readonly username: string;
  readonly server: MilvusName;
  /** Whether the secret is a JSON document, or `user:password` and nothing else. */
  readonly format: 'JSON' | 'plain text';
}

export const ORDERS: Credential = { secretName: 'demo/orders', username: 'orders', server: 'tls', format: 'JSON' };

export const REPORTS: Credential = {
  secretName: 'demo/reports',
  username: 'reports',
  server: 'plaintext',
  format: 'plain text',
};

/** A key of the application's own beside the credential: a rotation must not touch it. */
const OWN_KEY = { team: 'fulfilment' };

/** Makes the user, and the secret that its application reads: as somebody did it by hand, before there was rotation. */
export async function createCredential(
  cloud: AttachedCloud,
  secrets: SecretsManagerClient,
  { secretName, username, server, format }: Credential,
): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  await cloud.createClusterUser(server, { username, password });
  const { endpoint } = cloud.access.milvus[server];
  const token = `${username}:${password}`;
  await secrets.send(
    new CreateSecretCommand(
      format === 'JSON'
        ? { Name: secretName, SecretString: JSON.stringify({ endpoint, username, password, token, ...OWN_KEY }) }
        : { Name: secretName, SecretString: token, Tags: [{ Key: 'zilliz:endpoint', Value: endpoint }] },
    ),
  );
}

import { randomBytes } from 'node:crypto';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { MilvusName } from '../cloud/access.ts';
import type { AttachedCloud } from '../local-cloud.ts';

/** A cluster user, and the secret that holds its password. */
export interface Credential {
  readonly secretName: string;
  readonly username: string;
  readonly server: MilvusName;
  /** A JSON document, or `user:password` only. */
  readonly format: 'JSON' | 'plain text';
}

export const ORDERS: Credential = { secretName: 'demo/orders', username: 'orders', server: 'tls', format: 'JSON' };

export const REPORTS: Credential = {
  secretName: 'demo/reports',
  username: 'reports',
  server: 'plaintext',
  format: 'plain text',
};

/** A key of the application. A rotation must not change it. */
const APPLICATION_KEY = { team: 'fulfilment' };

/** Creates a cluster user and its secret, without any rotation. */
export async function createCredential(
  cloud: AttachedCloud,
  secrets: SecretsManager,
  { secretName, username, server, format }: Credential,
): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  await cloud.createClusterUser(server, { username, password });
  const { endpoint } = cloud.access.milvus[server];
  const token = `${username}:${password}`;
  await secrets.createSecret(
    format === 'JSON'
      ? {
          Name: secretName,
          SecretString: JSON.stringify({ endpoint, username, password, token, ...APPLICATION_KEY }),
        }
      : { Name: secretName, SecretString: token, Tags: [{ Key: 'zilliz:endpoint', Value: endpoint }] },
  );
}

/** A secret as its application reads it. */
export interface ReadCredential {
  /** `user:password`, the form that every Milvus client accepts. */
  readonly token: string;
  readonly password: string;
  /** The other keys of a JSON secret. A rotation must not change them. */
  readonly otherKeys: Readonly<Record<string, unknown>>;
  readonly format: 'JSON' | 'plain text';
}

/** Reads the current version of a secret. */
export async function readCredential(secrets: SecretsManager, secretId: string): Promise<ReadCredential> {
  const { SecretString = '' } = await secrets.getSecretValue({ SecretId: secretId });
  if (!SecretString.startsWith('{')) {
    return {
      token: SecretString,
      password: SecretString.slice(SecretString.indexOf(':') + 1),
      otherKeys: {},
      format: 'plain text',
    };
  }
  const { token, password, ...otherKeys } = JSON.parse(SecretString) as Record<string, string>;
  return { token: token ?? '', password: password ?? '', otherKeys, format: 'JSON' };
}

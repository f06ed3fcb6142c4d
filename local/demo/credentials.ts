import { randomBytes } from 'node:crypto';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { MilvusName } from '../cloud/access.ts';
import type { LocalCloud } from '../local-cloud.ts';

/** A cluster user and the secret that holds its password, or the name of a key and its secret. */
export interface DemoCredential {
  readonly secretName: string;
  readonly username: string;
  /** `apiKeys`: the cluster that accepts API keys. */
  readonly server: MilvusName | 'apiKeys';
  /** A JSON document, or `user:password` only. */
  readonly format: 'JSON' | 'plain text';
}

export const ORDERS: DemoCredential = { secretName: 'demo/orders', username: 'orders', server: 'tls', format: 'JSON' };

export const REPORTS: DemoCredential = {
  secretName: 'demo/reports',
  username: 'reports',
  server: 'plaintext',
  format: 'plain text',
};

export const SEARCH: DemoCredential = {
  secretName: 'demo/search',
  username: 'search',
  server: 'apiKeys',
  format: 'JSON',
};

/** A key of the application. A rotation must not change it. */
const APPLICATION_KEY = { team: 'fulfilment' };

/** Creates a cluster user or an API key, and its secret, without any rotation. */
export async function createCredential(
  cloud: LocalCloud,
  secrets: SecretsManager,
  { secretName, username, server, format }: DemoCredential,
): Promise<void> {
  if (server === 'apiKeys') {
    const { id: apiKeyId, key: apiKey } = cloud.createKey({ name: username });
    const { endpoint } = cloud.access.apiKeys;
    const document = { endpoint, apiKeyId, apiKey, token: apiKey, ...APPLICATION_KEY };
    await secrets.createSecret({ Name: secretName, SecretString: JSON.stringify(document) });
    return;
  }
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
  /** `user:password` or an API key, the form that every Milvus client accepts. */
  readonly token: string;
  readonly apiKeyId?: string | undefined;
  /** The keys of a JSON secret that a rotation must not change. Empty for plain text. */
  readonly otherKeys: Readonly<Record<string, unknown>>;
}

/** Reads the version of a secret that has the label. */
export async function readDemoCredential(
  secrets: SecretsManager,
  SecretId: string,
  VersionStage = 'AWSCURRENT',
): Promise<ReadCredential> {
  const { SecretString = '' } = await secrets.getSecretValue({ SecretId, VersionStage });
  if (!SecretString.startsWith('{')) {
    return { token: SecretString, otherKeys: {} };
  }
  const document = JSON.parse(SecretString) as Partial<Record<string, string>>;
  const { token = '', apiKeyId, apiKey: _, password: _password, ...otherKeys } = document;
  return { token, apiKeyId, otherKeys };
}

import { ENDPOINT_TAG, newDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import type { MilvusName } from '../cloud/access.ts';
import { CloudSecret } from '../cloud/cloud-secret.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { createClusterUser, newPassword } from '../servers/milvus-client.ts';

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
  { secretName, username, server, format }: DemoCredential,
): Promise<void> {
  const secret = new CloudSecret(cloud.access, secretName);
  if (server === 'apiKeys') {
    const { id, key } = cloud.createKey({ name: username });
    const { endpoint } = cloud.access.apiKeys;
    await secret.create(newDocument({ endpoint, form: 'api-key', username: id, password: key }, APPLICATION_KEY));
    return;
  }
  const password = newPassword();
  const milvus = cloud.access.milvus[server];
  await createClusterUser(milvus, { username, password });
  await (format === 'JSON'
    ? secret.create(newDocument({ endpoint: milvus.endpoint, username, password }, APPLICATION_KEY))
    : secret.create(`${username}:${password}`, { [ENDPOINT_TAG]: milvus.endpoint }));
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
export async function readDemoCredential(secret: CloudSecret, VersionStage = AWSCURRENT): Promise<ReadCredential> {
  const value = await secret.value({ VersionStage });
  if (!value.startsWith('{')) {
    return { token: value, otherKeys: {} };
  }
  const document = JSON.parse(value) as Partial<Record<string, string>>;
  const { token = '', apiKeyId, apiKey: _, password: _password, ...otherKeys } = document;
  return { token, apiKeyId, otherKeys };
}

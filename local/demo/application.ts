import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type MilvusAddress, withLocalMilvus } from '../milvus/milvus-client.ts';

/** What an application makes of its secret. */
export interface StoredCredential {
  /** `user:password`, as every Milvus client takes it. */
  readonly token: string;
  readonly password: string;
  /** The other keys of a JSON secret: they are the application's own. */
  readonly otherKeys: Readonly<Record<string, unknown>>;
  readonly format: 'JSON' | 'plain text';
}

/** Reads the secret as an application does: the current version, one call. */
export async function readCredential(secrets: SecretsManagerClient, secretId: string): Promise<StoredCredential> {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
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

const UNAUTHENTICATED = 16;

/** Logs in with a token: a real call, on a connection of its own. */
export async function logIn(address: MilvusAddress, token: string): Promise<'accepted' | 'refused'> {
  try {
    const username = token.slice(0, token.indexOf(':'));
    const { status } = await withLocalMilvus(address, token, (client) => client.describeUser({ username }));
    if (status.error_code !== 'Success') {
      throw new Error(`Milvus gave no clear answer to a login: ${status.reason}`);
    }
    return 'accepted';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNAUTHENTICATED) {
      return 'refused';
    }
    throw error;
  }
}

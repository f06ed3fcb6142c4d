import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { type MilvusAddress, withLocalMilvus } from '../milvus/milvus-client.ts';

/** A secret as its application reads it. */
export interface StoredCredential {
  /** `user:password`, the form that every Milvus client accepts. */
  readonly token: string;
  readonly password: string;
  /** The other keys of a JSON secret. A rotation must not change them. */
  readonly otherKeys: Readonly<Record<string, unknown>>;
  readonly format: 'JSON' | 'plain text';
}

/** Reads the current version of a secret. */
export async function readCredential(secrets: SecretsManager, secretId: string): Promise<StoredCredential> {
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

const UNAUTHENTICATED = 16;

/** Logs in with a token on a new connection. */
export async function logIn(address: MilvusAddress, token: string): Promise<'accepted' | 'refused'> {
  try {
    const username = token.slice(0, token.indexOf(':'));
    const { status } = await withLocalMilvus(address, token, (client) => client.describeUser({ username }));
    if (status.error_code !== 'Success') {
      throw new Error(`Milvus neither accepted nor refused the login: ${status.reason}`);
    }
    return 'accepted';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNAUTHENTICATED) {
      return 'refused';
    }
    throw error;
  }
}

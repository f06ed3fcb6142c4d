import { setTimeout as wait } from 'node:timers/promises';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
// In your own app: from 'zilliz-rotation-client'
import { readCredential } from '../../client/index.ts';

/**
 * A Milvus client for a rotated secret. If the cluster refuses the token, the client reads the
 * secret again and repeats the request. The repetition is safe, because a cluster does not
 * execute a request that it answers with UNAUTHENTICATED.
 *
 * @example
 * const milvus = new RotatingMilvus('milvus/orders');
 * await milvus.use((client) => client.listCollections());
 */
export class RotatingMilvus {
  readonly #secretsManager = new SecretsManagerClient({});
  readonly #secretId: string;
  readonly #options: Partial<ClientConfig>;
  #client: Promise<MilvusClient> | undefined;

  constructor(secretId: string, options: Partial<ClientConfig> = {}) {
    this.#secretId = secretId;
    this.#options = options;
  }

  async use<T>(request: (client: MilvusClient) => Promise<T>): Promise<T> {
    // A rotation changes the password on the cluster first and moves AWSCURRENT later. In
    // between, the secret still holds the old token.
    for (let attempt = 1; ; attempt++) {
      this.#client ??= this.#connect();
      const client = this.#client;
      try {
        return await request(await client);
      } catch (error) {
        if (!isUnauthenticated(error) || attempt === 8) {
          throw error;
        }
        await this.close(client);
        await wait(50 * 2 ** attempt);
      }
    }
  }

  /** Closes the client unless another request has already replaced it. */
  async close(client: Promise<MilvusClient> | undefined = this.#client): Promise<void> {
    if (client !== undefined && client === this.#client) {
      this.#client = undefined;
      await (await client).closeConnection();
    }
  }

  async #connect(): Promise<MilvusClient> {
    const { SecretString = '' } = await this.#secretsManager.send(
      new GetSecretValueCommand({ SecretId: this.#secretId }),
    );
    const { endpoint, token } = readCredential(SecretString);
    const address = this.#options.address ?? endpoint;
    if (address === undefined) {
      throw new Error(`The secret ${this.#secretId} names no endpoint. Pass the option address.`);
    }
    return new MilvusClient({
      address,
      token,
      // The debug log of the SDK prints passwords.
      logLevel: 'error',
      // Without this option, a failed first connection ends the process.
      __SKIP_CONNECT__: true,
      ...this.#options,
    });
  }
}

function isUnauthenticated(error: unknown): boolean {
  return (error as { code?: unknown }).code === 16;
}

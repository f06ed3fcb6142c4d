import { setTimeout as wait } from 'node:timers/promises';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';

/**
 * A Milvus client that follows a rotated secret: it reads the token anew when the cluster refuses the old one. Requests
 * that were refused with UNAUTHENTICATED were never executed, so repeating them is safe.
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
    // Between the change on the cluster and the move of AWSCURRENT the secret still holds the old token.
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

  /** Only the client that was refused: another request may have replaced it already. */
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
    const { endpoint, token } = JSON.parse(SecretString) as { endpoint: string; token: string };
    return new MilvusClient({
      address: endpoint,
      token,
      // Its debug log prints passwords, and a failed first connection would end the process.
      logLevel: 'error',
      __SKIP_CONNECT__: true,
      ...this.#options,
    });
  }
}

function isUnauthenticated(error: unknown): boolean {
  return (error as { code?: unknown }).code === 16;
}

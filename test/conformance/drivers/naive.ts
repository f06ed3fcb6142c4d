import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { isRefusal, makeCalls } from './calls.ts';

/**
 * An application as people write it without a rotation in mind: after a refusal, it reads
 * AWSCURRENT and repeats the call once. The suite must find what it lacks.
 */
class NaiveClient {
  readonly #secretsManager = new SecretsManager();
  readonly #secretId: string;
  #milvus: MilvusClient | undefined;

  constructor(secretId: string) {
    this.#secretId = secretId;
  }

  async listCollections(): Promise<unknown> {
    this.#milvus ??= await this.#connect();
    try {
      return await this.#milvus.listCollections();
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
      this.#milvus = await this.#connect();
      return await this.#milvus.listCollections();
    }
  }

  async close(): Promise<void> {
    await this.#milvus?.closeConnection();
  }

  async #connect(): Promise<MilvusClient> {
    const { SecretString = '' } = await this.#secretsManager.getSecretValue({ SecretId: this.#secretId });
    const { endpoint, token } = JSON.parse(SecretString) as { endpoint: string; token: string };
    return new MilvusClient({ address: endpoint, token, logLevel: 'error', __SKIP_CONNECT__: true });
  }
}

await makeCalls(
  async (secretId) => new NaiveClient(secretId),
  (client) => client.listCollections(),
  (error) => (isRefusal(error) ? 'refused' : 'other'),
);

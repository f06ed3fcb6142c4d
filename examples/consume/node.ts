import { setTimeout as wait } from 'node:timers/promises';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';

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
  #replaced: Promise<MilvusClient> | undefined;
  #token: string | undefined;

  /** @param options of MilvusClient, such as `database` */
  constructor(secretId: string, options: Partial<ClientConfig> = {}) {
    this.#secretId = secretId;
    this.#options = options;
  }

  async use<T>(request: (client: MilvusClient) => Promise<T>): Promise<T> {
    const client = this.#otherThan(undefined);
    try {
      return await request(await client);
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
    }
    return request(await this.#otherThan(client));
  }

  async close(): Promise<void> {
    await Promise.all([this.#client, this.#replaced].map(async (client) => (await client)?.closeConnection()));
  }

  #otherThan(refused: Promise<MilvusClient> | undefined): Promise<MilvusClient> {
    // Another request may have replaced the refused client meanwhile.
    if (this.#client === undefined || this.#client === refused) {
      this.#client = this.#replace(refused);
    }
    return this.#client;
  }

  async #replace(refused: Promise<MilvusClient> | undefined): Promise<MilvusClient> {
    try {
      const client = await this.#connect();
      // Other requests may still use the refused client, but not the client before it.
      await (await this.#replaced)?.closeConnection();
      this.#replaced = refused;
      return client;
    } catch (error) {
      this.#client = refused;
      throw error;
    }
  }

  async #connect(): Promise<MilvusClient> {
    // A rotation changes the password of AWSPENDING on the cluster first, and moves AWSCURRENT
    // later. The last attempt waits for its end.
    for (const [stage, milliseconds] of [
      ['AWSCURRENT', 0],
      ['AWSPENDING', 0],
      ['AWSCURRENT', 1000],
    ] as const) {
      await wait(milliseconds);
      const secret = await this.#read(stage);
      if (secret === undefined || secret.token === this.#token) {
        continue;
      }
      const client = new MilvusClient({
        address: secret.endpoint,
        token: secret.token,
        // The debug log of the SDK prints passwords.
        logLevel: 'error',
        // Without this option, a failed first connection ends the process.
        __SKIP_CONNECT__: true,
        ...this.#options,
      });
      try {
        await client.getVersion();
        this.#token = secret.token;
        return client;
      } catch (error) {
        await client.closeConnection();
        if (!isRefusal(error)) {
          throw error;
        }
      }
    }
    throw new Error(`The cluster refuses the versions AWSCURRENT and AWSPENDING of ${this.#secretId}.`);
  }

  async #read(VersionStage: 'AWSCURRENT' | 'AWSPENDING'): Promise<{ endpoint: string; token: string } | undefined> {
    const command = new GetSecretValueCommand({ SecretId: this.#secretId, VersionStage });
    const answer = await this.#secretsManager.send(command).catch((error: unknown) => {
      if (VersionStage === 'AWSPENDING' && error instanceof ResourceNotFoundException) {
        return undefined;
      }
      throw error;
    });
    try {
      return answer && JSON.parse(answer.SecretString ?? '');
    } catch {
      // The message of JSON.parse contains a part of the secret.
      throw new Error(`The secret ${this.#secretId} is not JSON.`);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown }).code === 16;
}

import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { parseAnyEndpoint } from '../protocol/cluster/endpoint.ts';
import { isMilvusRefusal, type RefusalTest } from './milvus-token.ts';
import type { RotatingCredentialsOptions } from './options.ts';
import { RotatingCredentials } from './rotating-credentials.ts';
import { RotatingMilvusClient } from './rotating-milvus-client.ts';

/** The options of the SDK, without those that the secret decides. */
export type RotatingClientConfig = Omit<ClientConfig, 'address' | 'ssl' | 'token' | 'username' | 'password'>;

export interface RotatingClientOptions extends RotatingCredentialsOptions {
  /**
   * `https://host[:port]`. The endpoints in the secret are ignored.
   *
   * @default the endpoint in the secret
   */
  readonly endpoint?: string;
  /**
   * Allows `http://` to hosts other than loopback, so that passwords travel in plain text.
   *
   * @default false
   */
  readonly allowPlaintext?: boolean;
  /**
   * Whether a status of gRPC says that the cluster has refused the token, and so has executed
   * nothing. Every other error passes through.
   *
   * @default code 16 with the words of Milvus, "auth check failure"
   */
  readonly isRefusal?: RefusalTest;
  /**
   * Other options of the SDK. With `__SKIP_CONNECT__`, the first call connects.
   *
   * @default { logLevel: 'error' } - the debug log of the SDK holds passwords and data
   */
  readonly config?: RotatingClientConfig;
}

/**
 * Creates a `MilvusClient` of the SDK that survives rotations, and connects it.
 *
 * @throws SecretStoreError if the secret cannot be read, DocumentError if it holds no credential,
 * EndpointError for an endpoint that no password may be sent to, the error of gRPC if the cluster
 * cannot be reached or refuses the credential.
 * @example
 * await using milvus = await createRotatingClient({ secretId: 'milvus/orders' });
 * const { data } = await milvus.listCollections();
 */
export async function createRotatingClient(options: RotatingClientOptions): Promise<RotatingMilvusClient> {
  const { endpoint, allowPlaintext = false, isRefusal = isMilvusRefusal, config = {} } = options;
  const credentials = await RotatingCredentials.open(options, endpoint === undefined);
  try {
    const address = endpoint ?? credentials.current.endpoint;
    if (address === undefined) {
      throw new TypeError('The secret names no endpoint. Give the option endpoint: https://host[:port].');
    }
    const { url, tls } = parseAnyEndpoint(address, { allowPlaintext });
    const sdkConfig = { logLevel: 'error', ...config, address: url, ssl: tls } as const;
    const client = new RotatingMilvusClient(credentials, sdkConfig, isRefusal);
    if (config.__SKIP_CONNECT__ !== true) {
      client.connect(MilvusClient.sdkInfo.version);
      await client.connectPromise;
    }
    return client;
  } catch (error) {
    credentials.close();
    throw error;
  }
}

import { type CallInvocationTransformer, type Client, connectivityState, type Interceptor } from '@grpc/grpc-js';
import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { parseAnyEndpoint } from '../protocol/cluster/endpoint.ts';
import { callSafely } from './credential-events.ts';
import { authorizationOf, isMilvusRefusal, type RefusalTest } from './milvus-token.ts';
import type { RotatingCredentialsOptions } from './options.ts';
import { replayInterceptor } from './replaying-call.ts';
import { RotatingCredentials } from './rotating-credentials.ts';

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

const MILVUS_SERVICE = '/milvus.proto.milvus.MilvusService/';

/** The SDK's `MilvusClient`, whose calls take the credential of a rotated secret. */
export class RotatingMilvusClient extends MilvusClient implements AsyncDisposable {
  readonly #credentials: RotatingCredentials;
  #closed: ReturnType<MilvusClient['closeConnection']> | undefined;

  /** @internal Use `createRotatingClient`. Does not connect. */
  constructor(credentials: RotatingCredentials, config: ClientConfig, isRefusal: RefusalTest) {
    const { callInvocationTransformer: own = (call) => call } = (config.channelOptions ?? {}) as {
      callInvocationTransformer?: CallInvocationTransformer;
    };
    const replay = replayInterceptor(credentials, isRefusal);
    const transform: CallInvocationTransformer = (given) => {
      const call = own(given);
      const { path, requestStream, responseStream } = call.methodDefinition;
      if (!path.startsWith(MILVUS_SERVICE) || requestStream || responseStream) {
        // The SDK's heartbeats have interceptors of their own, and may fail. It uses no stream.
        call.metadata.set('authorization', authorizationOf(credentials.current.token));
        return call;
      }
      // Interceptors of a call replace the interceptors of the client.
      const { interceptors = this.channelOptions['interceptors'] as Interceptor[] } = call.callOptions;
      return { ...call, callOptions: { ...call.callOptions, interceptors: [...interceptors, replay] } };
    };
    const channelOptions = {
      ...config.channelOptions,
      callInvocationTransformer: transform,
      // Otherwise a proxy of the environment sees what travels in plain text, even to loopback.
      ...(config.ssl === false && { 'grpc.enable_http_proxy': 0 }),
    };
    // If the constructor connected, a refused password would end the process.
    super({ ...config, channelOptions, isGlobal: false, __SKIP_CONNECT__: true });
    const { interceptors, callInvocationTransformer } = (this.channelOptions ?? {}) as Partial<
      typeof this.channelOptions
    >;
    const isSupported =
      Array.isArray(interceptors) && callInvocationTransformer === transform && this.channelPool !== undefined;
    if (!isSupported) {
      // Otherwise the first call would fail, or would have no credential.
      throw new Error(
        `@zilliz/milvus2-sdk-node ${MilvusClient.sdkInfo?.version} is not supported. Install a version that the README of zilliz-secret-client names.`,
      );
    }
    this.#credentials = credentials;
    callSafely(() => this.#keepChannelsClosed());
    credentials.closing.addEventListener('abort', () => callSafely(() => this.closeConnection()));
  }

  /**
   * The credential in use, and the counters. They close with the client, and the client with them.
   */
  get credentials(): RotatingCredentials {
    return this.#credentials;
  }

  /** Ends the connections and all waits, and stops reading the secret. */
  override closeConnection(): ReturnType<MilvusClient['closeConnection']> {
    this.#closed ??= super.closeConnection();
    this.#credentials.close();
    return this.#closed;
  }

  /** Does the same as `closeConnection`. */
  async close(): Promise<void> {
    await this.closeConnection();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The SDK reads the state of each channel that it has closed, which would reconnect it. */
  async #keepChannelsClosed(): Promise<void> {
    // Each client of the SDK makes a class of its own for its channels.
    const client: Client = await this.channelPool.acquire();
    const service = Object.getPrototypeOf(client) as Client;
    const { close } = service;
    service.close = function (this: Client) {
      close.call(this);
      this.getChannel().getConnectivityState = () => connectivityState.SHUTDOWN;
    };
    await this.channelPool.release(client);
  }
}

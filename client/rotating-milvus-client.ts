import { type CallInvocationTransformer, type Client, connectivityState, type Interceptor } from '@grpc/grpc-js';
import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { callSafely } from './credential-events.ts';
import { authorizationOf, type RefusalTest } from './milvus-token.ts';
import { replayInterceptor } from './replaying-call.ts';
import type { RotatingCredentials } from './rotating-credentials.ts';

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
    const client = (await this.channelPool.acquire()) as Client;
    const service = Object.getPrototypeOf(client) as Client;
    const { close } = service;
    service.close = function (this: Client) {
      close.call(this);
      this.getChannel().getConnectivityState = () => connectivityState.SHUTDOWN;
    };
    await this.channelPool.release(client);
  }
}

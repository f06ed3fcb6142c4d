import { MilvusClient } from '@zilliz/milvus2-sdk-node';

export interface MilvusClientOptions {
  /** Always with its scheme: `https://` means TLS. */
  readonly address: string;
  /** `user:password` or an API key. */
  readonly token: string;
  /** Milliseconds that one request may take, connecting included. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /**
   * PEM of the authority that signed the cluster's certificate. @default the authorities that Node
   * trusts
   */
  readonly privateCa?: string | undefined;
}

/**
 * Makes a client of the official SDK for one use and closes it, because the SDK keeps the
 * credential in the client. Every client has a connection of its own, for which a load balancer
 * may choose another proxy.
 */
export async function withMilvusClient<T>(
  { address, token, timeoutMs = 5000, privateCa }: MilvusClientOptions,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  const tls = address.startsWith('https://');
  const client = new MilvusClient({
    address,
    ssl: tls,
    token,
    timeout: timeoutMs,
    // A retried update can answer 16 or 1400 although the first request changed the password.
    maxRetries: 0,
    // Debug logging prints old and new password in base64, and NODE_ENV=test would turn it on.
    logLevel: 'error',
    telemetry: { enabled: false },
    // If the client connected by itself, a wrong password would end the process by an unhandled
    // rejection.
    __SKIP_CONNECT__: true,
    // For a "global" endpoint, the SDK fetches a list of hosts and sends the credential to one of
    // them.
    isGlobal: false,
    // One gRPC client, which is the one to close.
    pool: { min: 0, max: 1 },
    channelOptions: {
      // Otherwise a DNS record of the endpoint could configure retries.
      'grpc.service_config_disable_resolution': 1,
      // Otherwise clients of the same endpoint share a connection in plain text.
      'grpc.use_local_subchannel_pool': 1,
      // Otherwise a proxy of the environment sees what travels in plain text, even to loopback.
      'grpc.enable_http_proxy': tls ? 1 : 0,
    },
    ...(tls && privateCa !== undefined ? { tls: { rootCert: Buffer.from(privateCa) } } : {}),
  });
  try {
    return await use(client);
  } finally {
    // The SDK's closeConnection connects again, and the new connection would stay open.
    (await client.channelPool.acquire()).close();
  }
}

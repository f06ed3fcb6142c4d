import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallProperties, Channel, type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { ClientOptions } from './call-answer.ts';

/**
 * Calls `use` with the client of the official SDK. A process has one client. The requests of `use`
 * have this token and a connection of their own, which is closed afterwards. A load balancer may
 * choose another proxy for each connection.
 */
export async function withMilvusClient<T>(
  { address, token, timeoutMs = 5000, privateCa }: ClientOptions,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  client ??= createClient();
  const authorization = Buffer.from(token).toString('base64');
  const channel = openChannel(address, privateCa);
  try {
    return await connections.run({ channel, authorization, timeoutMs }, use, client);
  } finally {
    channel.close();
  }
}

/** The part of a request that the client itself does not have. */
interface Connection {
  readonly channel: Channel;
  readonly authorization: string;
  readonly timeoutMs: number;
}

const connections = new AsyncLocalStorage<Connection>();

/** Made when the first request needs it. The unreduced SDK takes 100 ms of CPU time to make it. */
let client: MilvusClient | undefined;

function createClient(): MilvusClient {
  return new MilvusClient({
    // The client never connects to this address: each call uses the channel of a Connection.
    address: 'http://unused.invalid:1',
    // A retried update can answer 16 or 1400 although the first request changed the password.
    maxRetries: 0,
    // Debug logging prints old and new password in base64, and NODE_ENV=test would turn it on.
    logLevel: 'error',
    telemetry: { enabled: false },
    // If the client connected by itself, it would connect to the address above.
    __SKIP_CONNECT__: true,
    // For a "global" endpoint, the SDK fetches a list of hosts and sends the credential to one of
    // them.
    isGlobal: false,
    // The SDK takes an object from the pool for each call, so in a smaller pool calls would wait.
    pool: { min: 0, max: Number.MAX_SAFE_INTEGER },
    channelOptions: { callInvocationTransformer: onConnection },
  });
}

/** Sends the call over the connection of the request, with its token and its time limit. */
function onConnection(call: CallProperties<unknown, unknown>): CallProperties<unknown, unknown> {
  const connection = connections.getStore();
  if (connection === undefined) {
    throw new Error('The Milvus client was called outside of withMilvusClient.');
  }
  const { channel, authorization, timeoutMs } = connection;
  call.metadata.set('authorization', authorization);
  const deadline = new Date(Date.now() + timeoutMs);
  return { ...call, channel, callOptions: { ...call.callOptions, deadline } };
}

const WEEK_MS = 7 * 24 * 3_600_000;

function openChannel(address: string, privateCa: string | undefined): Channel {
  const tls = address.startsWith('https://');
  return new Channel(
    address.replace(/^https?:\/\//, 'dns:'),
    tls ? tlsTrusting(privateCa) : credentials.createInsecure(),
    {
      // Otherwise a DNS record of the endpoint could configure retries.
      'grpc.service_config_disable_resolution': 1,
      // Otherwise gRPC sends a request again if the server refuses its stream.
      'grpc.enable_retries': 0,
      // Otherwise channels to the same endpoint share a connection.
      'grpc.use_local_subchannel_pool': 1,
      // Otherwise a proxy of the environment sees what travels in plain text, even to loopback.
      'grpc.enable_http_proxy': tls ? 1 : 0,
      // After a failure to connect, gRPC connects again when this time is over, although the
      // channel is closed, and keeps the connection. No worker lives for a week.
      'grpc.initial_reconnect_backoff_ms': WEEK_MS,
    },
  );
}

/** TLS credentials by the PEM of the authority: reading the authorities of Node takes 20 ms. */
const tlsCredentials = new Map<string | undefined, ChannelCredentials>();

function tlsTrusting(privateCa: string | undefined): ChannelCredentials {
  let trusting = tlsCredentials.get(privateCa);
  if (trusting === undefined) {
    trusting = credentials.createSsl(privateCa === undefined ? null : Buffer.from(privateCa));
    tlsCredentials.set(privateCa, trusting);
  }
  return trusting;
}

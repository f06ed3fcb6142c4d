import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { ClusterUnavailableError } from './cluster.ts';
import type { Endpoint } from './endpoint.ts';
import { redact } from './redaction.ts';

export interface MilvusClientOptions {
  /** Always with its scheme: `https://` means TLS. */
  readonly address: string;
  /** `user:password` or an API key. */
  readonly token: string;
  /** Milliseconds that one request may take, connecting included. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** PEM of the authority that signed the cluster's certificate. @default the authorities that Node trusts */
  readonly privateCa?: string | undefined;
}

/**
 * Lends a client of the official SDK and closes it: the SDK keeps the credential in the client, and an open one would
 * reconnect for ever. The settings keep the SDK's surprises away.
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
    // A repeated update can answer 16 or 1400 although the first one changed the password.
    maxRetries: 0,
    // Debug logging prints old and new password in base64, and NODE_ENV=test would turn it on.
    logLevel: 'error',
    telemetry: { enabled: false },
    // Connecting by itself would end the process with an unhandled rejection at a wrong password.
    __SKIP_CONNECT__: true,
    // A "global" endpoint makes the SDK fetch a list of hosts and send the credential to one of them.
    isGlobal: false,
    // Else a DNS record of the endpoint could order retries.
    channelOptions: { 'grpc.service_config_disable_resolution': 1 },
    ...(tls && privateCa !== undefined ? { tls: { rootCert: Buffer.from(privateCa) } } : {}),
  });
  try {
    return await use(client);
  } finally {
    await client.closeConnection();
  }
}

/** gRPC's own numbers; the SDK does not export them. */
export const GRPC = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** What gRPC throws. Its texts were never seen to hold a request or a header; they are redacted all the same. */
export interface Failure {
  readonly code: number;
  readonly details: string;
}

/** Turns what gRPC throws into a value. @throws whatever is no answer of gRPC */
export async function attempt<T>(
  secrets: readonly string[],
  call: () => Promise<T>,
): Promise<{ value: T } | { failed: Failure }> {
  try {
    return { value: await call() };
  } catch (error) {
    const { code, details } = error as { code?: unknown; details?: unknown };
    if (typeof code !== 'number') {
      throw error;
    }
    return { failed: { code, details: typeof details === 'string' ? redact(details, secrets) : '' } };
  }
}

/** An HTTP status in place of a gRPC one comes from a gateway: a 401 of its is no verdict on the password. */
export function answeredInFront(failure: Failure): boolean {
  return /HTTP status code \d+/.test(failure.details);
}

export function unavailable(endpoint: Endpoint, failure: Failure): ClusterUnavailableError {
  const explanation = sentenceOf(failure);
  if (answeredInFront(failure)) {
    return new ClusterUnavailableError('not-ready', endpoint, explanation);
  }
  if (failure.code === GRPC.deadlineExceeded) {
    return new ClusterUnavailableError('no-answer', endpoint, explanation);
  }
  return new ClusterUnavailableError(
    failure.code === GRPC.unavailable ? 'unreachable' : 'not-ready',
    endpoint,
    explanation,
  );
}

export function sentenceOf({ code, details }: Failure): string {
  return `gRPC ${code}: ${details}`;
}

/** Milvus 2.3 lists one role without a name for a user that has none. */
export function rolesOf(roles: readonly { name: string }[] = []): string[] {
  return roles.map(({ name }) => name).filter((name) => name !== '');
}

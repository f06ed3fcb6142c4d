import { MilvusClient } from '@zilliz/milvus2-sdk-node';

/** Where a server of the local cloud listens, and what to trust there. Plain data. */
export interface MilvusAddress {
  /** `http://127.0.0.1:20001` or `https://localhost:20014`. */
  readonly endpoint: string;
  /** The private certificate authority, as PEM; only with https. */
  readonly caPem?: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Lends a client of the official SDK and closes it. The options keep the SDK's surprises away: its debug log holds
 * passwords, a wrong token ends the process, a retried change is reported as refused.
 */
export async function withMilvusClient<T>(
  address: MilvusAddress,
  token: string,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  const client = new MilvusClient({
    address: address.endpoint,
    token,
    timeout: TIMEOUT_MS,
    maxRetries: 0,
    logLevel: 'error',
    telemetry: { enabled: false },
    __SKIP_CONNECT__: true,
    isGlobal: false,
    ...(address.caPem === undefined ? {} : { tls: { rootCert: Buffer.from(address.caPem) } }),
  });
  try {
    return await use(client);
  } finally {
    await client.closeConnection();
  }
}

/** The SDK throws what the network and the login refuse, and returns what the server refuses. */
export function expectSuccess(action: string, answer: { error_code?: unknown; reason?: unknown } | undefined): void {
  if (answer?.error_code !== 'Success') {
    throw new Error(`Milvus refused to ${action}: ${String(answer?.reason ?? answer?.error_code ?? 'no answer')}`);
  }
}

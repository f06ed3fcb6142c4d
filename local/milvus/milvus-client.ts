import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { withMilvusClient } from '../../adapters/grpc/milvus-client.ts';

/** The address of a Milvus server. Plain data. */
export interface MilvusAddress {
  /** `http://127.0.0.1:20001` or `https://localhost:20014`. */
  readonly endpoint: string;
  /** The private certificate authority of an https endpoint, as PEM. */
  readonly caPem?: string;
}

const TIMEOUT_MS = 10_000;

/** Calls `use` with a client of the official SDK, and closes the client afterwards. */
export function withLocalMilvus<T>(
  { endpoint, caPem }: MilvusAddress,
  token: string,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  return withMilvusClient({ address: endpoint, token, timeoutMs: TIMEOUT_MS, privateCa: caPem }, use);
}

/** Throws a refusal of the server. The SDK itself throws only errors of network and login. */
export function expectSuccess(action: string, answer: { error_code?: unknown; reason?: unknown } | undefined): void {
  if (answer?.error_code !== 'Success') {
    throw new Error(`Milvus refused to ${action}: ${String(answer?.reason ?? answer?.error_code ?? 'no answer')}`);
  }
}

import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { withMilvusClient } from '../../cluster/milvus-client.ts';

/** Where a server of the local cloud listens, and what to trust there. Plain data. */
export interface MilvusAddress {
  /** `http://127.0.0.1:20001` or `https://localhost:20014`. */
  readonly endpoint: string;
  /** The private certificate authority, as PEM; only with https. */
  readonly caPem?: string;
}

const TIMEOUT_MS = 10_000;

/** Lends a client of the official SDK, logged in at a server of the local cloud. */
export function withLocalMilvus<T>(
  { endpoint, caPem }: MilvusAddress,
  token: string,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  return withMilvusClient({ address: endpoint, token, timeoutMs: TIMEOUT_MS, privateCa: caPem }, use);
}

/** The SDK throws what the network and the login refuse, and returns what the server refuses. */
export function expectSuccess(action: string, answer: { error_code?: unknown; reason?: unknown } | undefined): void {
  if (answer?.error_code !== 'Success') {
    throw new Error(`Milvus refused to ${action}: ${String(answer?.reason ?? answer?.error_code ?? 'no answer')}`);
  }
}

import type { Cluster } from '../protocol/cluster/cluster.ts';
import type { Transport } from '../protocol/cluster/endpoint.ts';
import type { CallOptions } from './call-answer.ts';
import { createMilvusCluster } from './milvus-cluster.ts';
import { createMilvusRestCluster } from './milvus-rest-cluster.ts';

const ADAPTERS: Readonly<Record<Transport, (options: CallOptions) => Cluster>> = {
  grpc: createMilvusCluster,
  rest: createMilvusRestCluster,
};

/** Makes the adapter of a transport. Sends no request. */
export function connectCluster(transport: Transport, options: CallOptions): Cluster {
  return ADAPTERS[transport](options);
}

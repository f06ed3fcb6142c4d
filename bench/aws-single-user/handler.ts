import { createMilvusCluster } from '../../adapters/grpc/milvus-cluster.ts';
import { createHandler } from './rotation.ts';

export const handler: ReturnType<typeof createHandler> = createHandler(createMilvusCluster());

import { createMilvusCluster } from '../../cluster/grpc/milvus-cluster.ts';
import { createHandler } from './rotation.ts';

export const handler: ReturnType<typeof createHandler> = createHandler(createMilvusCluster());

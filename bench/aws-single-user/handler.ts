import { createMilvusCluster } from '../../cluster/grpc/milvus-cluster.ts';
import { createHandler } from './create-handler.ts';

export const handler: ReturnType<typeof createHandler> = createHandler(createMilvusCluster());

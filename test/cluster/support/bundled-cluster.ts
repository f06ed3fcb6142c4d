/** What the bundle of the rotation function uses to reach a cluster. */
export { createMilvusCluster } from '../../../cluster/milvus-cluster.ts';

/** What the bundle of the rotation function uses to reach a cluster. */
export { connectCluster } from '../../../cluster/connect-cluster.ts';

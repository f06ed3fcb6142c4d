import { type Cluster, ClusterUnavailableError } from '../../../../protocol/cluster/cluster.ts';

/** The cluster over a transport that answers otherwise. */
export function otherwise(cluster: Cluster, answers: Partial<Cluster>): Cluster {
  return {
    authenticates: (credentials) => cluster.authenticates(credentials),
    changePassword: (credentials, password) => cluster.changePassword(credentials, password),
    resetPassword: (admin, username, password) => cluster.resetPassword(admin, username, password),
    ...answers,
  };
}

export const NO_REST: Partial<Cluster> = {
  authenticates: async ({ endpoint }) => {
    throw new ClusterUnavailableError('not-ready', endpoint, 'HTTP 404');
  },
};

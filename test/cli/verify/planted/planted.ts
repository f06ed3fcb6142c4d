import { type Cluster, ClusterUnavailableError } from '../../../../protocol/cluster/cluster.ts';
import type { InMemorySecret } from '../../../support/in-memory-secret.ts';
import type { VerifyWorld } from '../../support/verify-world.ts';

/** Makes a service behave otherwise than the register assumes, or prevents a check. */
export type Plant = (world: VerifyWorld) => void;

/** What a check must say of a service. `why`: what is planted. */
export type Planted = readonly [subject: 'user' | 'key', id: string, verdict: string, why: string, plant: Plant];

export function withUser(id: string, verdict: string, why: string, plant: Plant): Planted {
  return ['user', id, verdict, why, plant];
}

export function withKey(id: string, verdict: string, why: string, plant: Plant): Planted {
  return ['key', id, verdict, why, plant];
}

/** Changes the temporary secret as soon as it exists. */
export function inStore(
  id: string,
  verdict: string,
  why: string,
  change: (store: InMemorySecret, world: VerifyWorld) => void,
): Planted {
  return withUser(id, verdict, why, (world) => {
    world.onSecret = ({ store }) => change(store, world);
  });
}

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

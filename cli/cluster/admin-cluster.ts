import type { Admin } from '../../protocol/cluster/cluster.ts';

/**
 * `lost`: the cluster gave no usable answer, so the change may have happened or not. `answer`
 * quotes the cluster, without any secret.
 */
export type AdminAnswer = { kind: 'done' } | { kind: 'refused' | 'lost'; answer: string };

export type UserDescription =
  | { kind: 'found'; roles: readonly string[] }
  | { kind: 'absent' }
  | { kind: 'refused'; answer: string };

/**
 * The requests that an administrator sends about users of a cluster. A method returns a refusal of
 * the cluster as a value, sends one request and never retries.
 */
export interface AdminCluster {
  /** @throws ClusterUnavailableError if the cluster gives no usable answer */
  describeUser(admin: Admin, username: string): Promise<UserDescription>;
  createUser(admin: Admin, username: string, password: string): Promise<AdminAnswer>;
  grantRole(admin: Admin, username: string, role: string): Promise<AdminAnswer>;
}

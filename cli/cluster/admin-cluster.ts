import type { Admin } from '../../cluster/cluster.ts';

/** The answer to an act of an administrator. `refused`: in the cluster's own words, without any secret. */
export type AdminAnswer = { kind: 'done' } | { kind: 'refused'; answer: string };

export type UserDescription =
  | { kind: 'found'; roles: readonly string[] }
  | { kind: 'absent' }
  | { kind: 'refused'; answer: string };

/**
 * What an administrator can do to users of a cluster, beyond the port that the rotation uses. Port: a refusal is a
 * value; a cluster that gave no usable answer is an exception, of class ClusterUnavailableError, after which an act may
 * or may not have happened. One attempt each.
 */
export interface AdminCluster {
  describeUser(admin: Admin, username: string): Promise<UserDescription>;
  /** Takes the user's roles with it. */
  dropUser(admin: Admin, username: string): Promise<AdminAnswer>;
  createUser(admin: Admin, username: string, password: string): Promise<AdminAnswer>;
  grantRole(admin: Admin, username: string, role: string): Promise<AdminAnswer>;
}

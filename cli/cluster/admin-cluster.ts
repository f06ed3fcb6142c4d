import type { Admin, Credentials } from '../../protocol/cluster/cluster.ts';

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
 * The requests of a command that no rotation sends: an administrator's about users, a user's about
 * its description, and those of an open session. A method returns a refusal of the cluster as a
 * value and never retries.
 */
export interface AdminCluster {
  /** @throws ClusterUnavailableError if the cluster gives no usable answer */
  describeUser(admin: Admin, username: string): Promise<UserDescription>;
  createUser(admin: Admin, username: string, password: string): Promise<AdminAnswer>;
  grantRole(admin: Admin, username: string, role: string): Promise<AdminAnswer>;
  /** Milvus reports success for a user that does not exist. */
  dropUser(admin: Admin, username: string): Promise<AdminAnswer>;
  /**
   * Calls the cluster, waits, and calls it again over the same connection with the same token. The
   * answer is that of the last call.
   */
  callAgainAfter(caller: Admin, between: () => Promise<void>): Promise<AdminAnswer>;
  /**
   * Over REST: sets the description of the caller, and reads it again after a change of the
   * password.
   *
   * @param changePassword returns the user with the new password
   * @returns the description. `undefined`: the cluster did not store it in the first place, as
   * before 2.6.19
   * @throws ClusterUnavailableError if the cluster gives no usable answer
   */
  descriptionAfter(
    user: Credentials,
    description: string,
    changePassword: () => Promise<Credentials>,
  ): Promise<string | undefined>;
}

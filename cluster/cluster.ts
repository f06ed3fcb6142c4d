import type { Endpoint } from './endpoint.ts';

/** One cluster user and one password, at the one endpoint that they are meant for. */
export interface Credentials {
  readonly endpoint: Endpoint;
  readonly username: string;
  readonly password: string;
}

/** Somebody else than the user: the token is an admin's `user:password` or an API key. */
export interface Admin {
  readonly endpoint: Endpoint;
  readonly token: string;
}

/**
 * `forbidden`: the cluster knows who asks and will not answer. Neither a yes nor a no to the password, so nobody may
 * act on it.
 */
export type Login = { kind: 'accepted'; roles: readonly string[] } | { kind: 'rejected' } | { kind: 'forbidden' };

/**
 * What the cluster said to a change. `changed` is its word and not yet proof: of several concurrent changes all may
 * be told so and one wins, hence only a login with the new password proves it.
 *
 * - `old-password`: the old password (or the user) is not what the cluster knows.
 * - `new-password`: the cluster's policy refuses the new password, and will refuse it again.
 * - `forbidden`: the caller may not change this user.
 * - `unclear`: an error that can come before or after the change: probe, never repeat.
 */
export type Change =
  | { kind: 'changed' }
  | { kind: 'refused'; reason: 'old-password' | 'new-password' | 'forbidden' | 'unclear'; answer: string };

/**
 * A Milvus or Zilliz Cloud cluster. Port: a refusal is a value; only a cluster that gave no usable answer is an
 * exception, of class {@link ClusterUnavailableError}.
 *
 * `authenticates` changes nothing and may be repeated. `changePassword` makes one attempt and never retries: after an
 * exception the password may or may not have changed, and only a login with each tells which.
 */
export interface Cluster {
  authenticates(credentials: Credentials): Promise<Login>;
  /** Sets the user's password to `newPassword`, logged in as that user with the password in `credentials`. */
  changePassword(credentials: Credentials, newPassword: string): Promise<Change>;
  /**
   * Sets the password of a user whose old one is not known. Milvus grants this to the users listed in
   * `common.security.superUsers` alone; any other admin is refused for a wrong old password. One attempt, as above.
   */
  resetPassword(admin: Admin, username: string, newPassword: string): Promise<Change>;
}

/**
 * No usable answer. `unreachable`: no connection or none that could be trusted (DNS, refused port, TLS, allow-list,
 * VPC); `no-answer`: connected or connecting, and no answer before the deadline; `not-ready`: something in front of the
 * cluster answered for it, as it does for about two minutes after a cluster is made.
 */
export class ClusterUnavailableError extends Error {
  override readonly name = 'ClusterUnavailableError' as const;
  readonly kind: 'unreachable' | 'no-answer' | 'not-ready';

  constructor(kind: ClusterUnavailableError['kind'], endpoint: Endpoint, explanation: string) {
    super(`${endpoint.url} is ${kind === 'no-answer' ? 'silent' : kind}: ${explanation}`);
    this.kind = kind;
  }
}

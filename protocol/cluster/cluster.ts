import type { Credential } from '../secret/credential-form.ts';
import type { Endpoint } from './endpoint.ts';

/** A credential with the only endpoint that it may be sent to. */
export interface Credentials extends Credential {
  readonly endpoint: Endpoint;
}

/**
 * Another user than the one that is changed. The token is an admin's `user:password` or an API
 * key.
 */
export interface Admin {
  readonly endpoint: Endpoint;
  readonly token: string;
}

/**
 * `rejected`: the user does not exist, the password is wrong, or the proxy could not read the
 * user's password from the cluster. Milvus answers all three with UNAUTHENTICATED, so repeat the
 * login before you rely on a rejection.
 *
 * `forbidden`: the cluster authenticated the caller and refused to answer. This says nothing about
 * the password, so no caller may act on it.
 */
export type Login = { kind: 'accepted'; roles: readonly string[] } | { kind: 'rejected' } | { kind: 'forbidden' };

/**
 * What is known after one request to change a password. Only a login with the new password proves
 * a change: if several changes run at once, Milvus may report success to all of them, and one
 * password wins.
 *
 * `changed`: the cluster reported success.
 *
 * `refused`, by reason:
 * - `unauthenticated`: the cluster rejected the login of the caller, and changed nothing. The
 *   password may be right, as with a `rejected` {@link Login}.
 * - `old-password`: the caller is logged in, and the old password is not the one that the cluster
 *   knows.
 * - `unknown-user`: the cluster has no such user, or refuses the name of the user.
 * - `new-password`: the cluster's policy refuses the new password and will refuse it again.
 * - `forbidden`: the caller may not change this user.
 * - `not-primary`: the cluster is a secondary of a replication and refuses changes of users.
 * - `unclear`: an error that Milvus reports before a change or after it.
 *
 * `lost`: no usable answer came back, so the password may or may not have changed, now or later.
 */
export type Change =
  | { kind: 'changed' }
  | {
      kind: 'refused';
      reason:
        | 'unauthenticated'
        | 'old-password'
        | 'unknown-user'
        | 'new-password'
        | 'forbidden'
        | 'not-primary'
        | 'unclear';
      answer: string;
    }
  | { kind: 'lost'; answer: string };

/**
 * A Milvus or Zilliz Cloud cluster. Port: what the cluster answers is a value. A login that gets
 * no usable answer is an exception, of class {@link ClusterUnavailableError}.
 *
 * `authenticates` changes nothing and may be repeated. The two changes send one request and never
 * retry: after `lost` or `unclear`, only a login with each password tells which one is accepted.
 */
export interface Cluster {
  authenticates(credentials: Credentials): Promise<Login>;
  /** Sets the user's password, logged in as this user with the password in `credentials`. */
  changePassword(credentials: Credentials, newPassword: string): Promise<Change>;
  /**
   * Sets a user's password without the old one. Milvus grants this only to the users in
   * `common.security.superUsers`. It refuses every other admin with the reason `old-password`.
   */
  resetPassword(admin: Admin, username: string, newPassword: string): Promise<Change>;
}

/**
 * The cluster gave no usable answer.
 *
 * - `unreachable`: no connection, or none that can be trusted (DNS, refused port, TLS, IP access
 *   list, VPC).
 * - `no-answer`: no answer before the deadline.
 * - `not-ready`: a gateway in front of the cluster answered, as it does for about two minutes
 *   after a cluster is made.
 */
export class ClusterUnavailableError extends Error {
  override readonly name = 'ClusterUnavailableError' as const;
  readonly kind: 'unreachable' | 'no-answer' | 'not-ready';

  constructor(kind: ClusterUnavailableError['kind'], endpoint: Endpoint, explanation: string) {
    super(`${endpoint.url} is ${kind === 'no-answer' ? 'silent' : kind}: ${explanation}`);
    this.kind = kind;
  }
}

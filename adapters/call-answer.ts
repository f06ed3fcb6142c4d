import {
  type Admin,
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Login,
} from '../protocol/cluster/cluster.ts';
import type { Endpoint } from '../protocol/cluster/endpoint.ts';
import type { Refusal } from '../protocol/cluster/refusal.ts';
import { type CredentialForm, tokenOf } from '../protocol/secret/credential-form.ts';
import { redact } from '../protocol/secret/redaction.ts';

/** Options of one request to a cluster, over any transport. */
export interface CallOptions {
  /** Milliseconds that one request may take, connecting included. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /**
   * PEM of the authority that signed the cluster's certificate. @default the authorities that Node
   * trusts
   */
  readonly privateCa?: string | undefined;
}

/** A client for the requests of one caller. */
export interface ClientOptions extends CallOptions {
  /** The URL with its scheme: `https://` means TLS. */
  readonly address: string;
  /** `user:password` or an API key. */
  readonly token: string;
}

/** `answer` and the message of `error` quote the cluster without any secret. */
export type CallAnswer<T> =
  | { kind: 'success'; value: T }
  | { kind: 'refused'; reason: Refusal; answer: string }
  | { kind: 'unavailable'; error: ClusterUnavailableError };

/** Why a call is no success: the cluster refused the request, or said nothing about it. */
export type Failure = { refused: Refusal } | { unavailable: ClusterUnavailableError['kind'] };

/** @param answer quotes the cluster without any secret */
export function failedCall(failure: Failure, endpoint: Endpoint, answer: string): CallAnswer<never> {
  return 'refused' in failure
    ? { kind: 'refused', reason: failure.refused, answer }
    : { kind: 'unavailable', error: new ClusterUnavailableError(failure.unavailable, endpoint, answer) };
}

/**
 * Removes the secrets of a request from a text that came back.
 *
 * @param passwords the passwords in the request, without the password in the token.
 */
export function withoutSecrets(text: string, token: string, passwords: readonly string[]): string {
  return redact(text, [token, token.slice(token.indexOf(':') + 1), ...passwords]);
}

/** How a transport sends the requests of a {@link Cluster}. */
export interface ClusterCalls {
  /** Calls that need no role, only a valid credential. Their answer: the roles of the user. */
  readonly logIn: Readonly<
    Record<CredentialForm, (caller: Admin, username: string) => Promise<CallAnswer<readonly string[]>>>
  >;
  readonly updatePassword: (caller: Admin, request: PasswordUpdate) => Promise<CallAnswer<unknown>>;
}

export interface PasswordUpdate {
  readonly username: string;
  /** `undefined`: the caller is an admin. */
  readonly oldPassword: string | undefined;
  readonly newPassword: string;
}

/** Makes the {@link Cluster} of a transport. */
export function createCluster({ logIn, updatePassword }: ClusterCalls): Cluster {
  const update = async (caller: Admin, request: PasswordUpdate): Promise<Change> => {
    const answer = await updatePassword(caller, request);
    switch (answer.kind) {
      case 'success':
        return { kind: 'changed' };
      case 'unavailable':
        return { kind: 'lost', answer: answer.error.message };
      case 'refused':
        return answer;
    }
  };
  return {
    authenticates: async (credentials) => {
      const { endpoint, username, form = 'password' } = credentials;
      return loginOf(endpoint, await logIn[form]({ endpoint, token: tokenOf(credentials) }, username));
    },
    changePassword: ({ endpoint, username, password: oldPassword }, newPassword) =>
      update({ endpoint, token: `${username}:${oldPassword}` }, { username, oldPassword, newPassword }),
    resetPassword: (admin, username, newPassword) => update(admin, { username, oldPassword: undefined, newPassword }),
  };
}

/** @throws ClusterUnavailableError if the answer says nothing about the login */
function loginOf(endpoint: Endpoint, answer: CallAnswer<readonly string[]>): Login {
  switch (answer.kind) {
    case 'success':
      return { kind: 'accepted', roles: answer.value };
    case 'unavailable':
      throw answer.error;
    case 'refused':
      if (answer.reason === 'unauthenticated') {
        return { kind: 'rejected' };
      }
      if (answer.reason === 'forbidden') {
        return { kind: 'forbidden' };
      }
      throw new ClusterUnavailableError('not-ready', endpoint, answer.answer);
  }
}

import { type Change, ClusterUnavailableError, type Login } from '../protocol/cluster/cluster.ts';
import type { Endpoint } from '../protocol/cluster/endpoint.ts';
import type { Refusal } from '../protocol/cluster/refusal.ts';
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

/**
 * Reads a login from an answer. In the request, the user asked for its own description.
 *
 * @throws ClusterUnavailableError if the answer says nothing about the login
 */
export function loginOf<T>(endpoint: Endpoint, answer: CallAnswer<T>, rolesOf: (value: T) => readonly string[]): Login {
  switch (answer.kind) {
    case 'success':
      return { kind: 'accepted', roles: rolesOf(answer.value) };
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

/** What the answer to a request to change a password says about the change. */
export function changeOf(answer: CallAnswer<unknown>): Change {
  switch (answer.kind) {
    case 'success':
      return { kind: 'changed' };
    case 'unavailable':
      return { kind: 'lost', answer: answer.error.message };
    case 'refused':
      return answer;
  }
}

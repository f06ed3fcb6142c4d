import type { HttpClient } from '@zilliz/milvus2-sdk-node';
import type { Admin } from '../protocol/cluster/cluster.ts';
import { type CallAnswer, type CallOptions, failedCall, withoutSecrets } from './call-answer.ts';
import { DeadlineError } from './http-request.ts';
import { sendWithRestClient } from './milvus-rest-client.ts';
import { outcomeOf, type RestFailure } from './rest-answer.ts';

export interface RestRequest<T> {
  /** The passwords in the body, without the password in the token. */
  readonly passwords: readonly string[];
  /** Calls one method of the SDK with a new object, because the SDK adds a key to the object. */
  readonly send: (client: HttpClient) => Promise<unknown>;
  /** Reads `data` of a success. `undefined`: this is no answer to the request. */
  readonly read: (data: unknown, description: unknown) => T | undefined;
}

/**
 * Sends one request to the cluster over REST. An answer is classified before its secrets are
 * removed, as in milvus-call.ts.
 *
 * @throws every error that is no failure of the network
 */
export async function callClusterOverRest<T>(
  { endpoint, token }: Admin,
  options: CallOptions,
  { passwords, send, read }: RestRequest<T>,
): Promise<CallAnswer<T>> {
  const client = { ...options, address: endpoint.url, token };
  const outcome = await sendWithRestClient(client, send).then(outcomeOf, failureOf);
  const value = 'success' in outcome ? read(outcome.success.data, outcome.success.description) : undefined;
  if (value !== undefined) {
    return { kind: 'success', value };
  }
  const { failure, source, text } = 'success' in outcome ? NO_ANSWER_OF_MILVUS : outcome;
  return failedCall(failure, endpoint, `${source}: ${excerptOf(withoutSecrets(text, token, passwords))}`);
}

const NO_ANSWER_OF_MILVUS: RestFailure = {
  failure: { unavailable: 'not-ready' },
  source: 'HTTP 200',
  text: 'the answer holds no data of Milvus; is this a Milvus endpoint?',
};

function failureOf(error: unknown): RestFailure {
  if (error instanceof DeadlineError) {
    return { failure: { unavailable: 'no-answer' }, source: 'HTTP', text: error.message };
  }
  // Errors of network and TLS have a code. A TypeError is a defect, even if it has a code.
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || error instanceof TypeError) {
    throw error;
  }
  // If several addresses of a host refuse the connection, the message is empty.
  return { failure: { unavailable: 'unreachable' }, source: code, text: String(message) || 'no connection' };
}

/** A page of a gateway can be long. */
function excerptOf(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

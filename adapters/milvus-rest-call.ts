import type { HttpClient } from '@zilliz/milvus2-sdk-node';
import type { Admin } from '../protocol/cluster/cluster.ts';
import { classifyRefusal } from '../protocol/cluster/refusal.ts';
import { fieldsIn } from '../protocol/secret/document.ts';
import { type CallAnswer, type CallOptions, type Failure, failedCall, withoutSecrets } from './call-answer.ts';
import { DeadlineError, type HttpAnswer } from './http-request.ts';
import { sendWithRestClient } from './milvus-rest-client.ts';

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
  const outcome = await sendWithRestClient(client, send).then(outcomeOf, networkFailure);
  const value = 'success' in outcome ? read(outcome.success.data, outcome.success.description) : undefined;
  if (value !== undefined) {
    return { kind: 'success', value };
  }
  const { failure, source, text } = 'success' in outcome ? NO_ANSWER_OF_MILVUS : outcome;
  return failedCall(failure, endpoint, `${source}: ${excerptOf(withoutSecrets(text, token, passwords))}`);
}

/** Who answered, and what: `REST 1400` and the message of Milvus, or `HTTP 502` and the body. */
interface RestFailure {
  readonly failure: Failure;
  readonly source: string;
  readonly text: string;
}

const NO_ANSWER_OF_MILVUS: RestFailure = {
  failure: { unavailable: 'not-ready' },
  source: 'HTTP 200',
  text: 'the answer holds no data of Milvus; is this a Milvus endpoint?',
};

function networkFailure(error: unknown): RestFailure {
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

interface MilvusBody {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
  /** The text beside the roles of a user. ASSUMPTION milvus-descriptions */
  readonly description: unknown;
}

/** ASSUMPTION milvus-refusal */
const UNAUTHENTICATED = 1800;
/** ASSUMPTION milvus-rest-timeout */
const DEADLINE_EXCEEDED = 10_001;

const NO_REST = 'Milvus has REST v2 since 2.3.13. Use the transport grpc with an older Milvus';

/** Milvus answers most requests of REST v2 with HTTP 200 and a code. */
function outcomeOf({ status, body }: HttpAnswer): RestFailure | { success: MilvusBody } {
  const answer = parseBody(body);
  if (status !== 200 || answer === undefined) {
    const text = answer?.message ?? body;
    return {
      failure: httpFailure(status, answer),
      source: `HTTP ${status}`,
      text: status === 404 ? `${text.trim()}. ${NO_REST}` : text,
    };
  }
  const { code, message } = answer;
  // Success is 200 in Milvus 2.3.13 to 2.4.2, and 0 since 2.4.3. ASSUMPTION milvus-rest-success
  if (code === 0 || code === 200) {
    return { success: answer };
  }
  const failure: Failure =
    code === DEADLINE_EXCEEDED ? { unavailable: 'no-answer' } : { refused: classifyRefusal({ code, reason: message }) };
  return { failure, source: `REST ${code}`, text: message };
}

/**
 * A 401 or 403 without the body of Milvus comes from a gateway, and says nothing about the
 * password. ASSUMPTION zilliz-gateway
 */
function httpFailure(status: number, answer: MilvusBody | undefined): Failure {
  if (status === 401 && answer?.code === UNAUTHENTICATED) {
    return { refused: 'unauthenticated' };
  }
  // ASSUMPTION milvus-forbidden
  if (status === 403 && answer !== undefined && /code = PermissionDenied/.test(answer.message)) {
    return { refused: 'forbidden' };
  }
  return { unavailable: status === 408 ? 'no-answer' : 'not-ready' };
}

/** @returns undefined if the body is not in the format of Milvus */
function parseBody(body: string): MilvusBody | undefined {
  const { code, message = '', data, description } = fieldsIn(body);
  return typeof code === 'number' && typeof message === 'string' ? { code, message, data, description } : undefined;
}

/** A page of a gateway can be long. */
function excerptOf(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

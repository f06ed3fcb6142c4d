import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { Admin } from '../protocol/cluster/cluster.ts';
import { classifyRefusal, isNotPrimary, type MilvusStatus, refusedParameter } from '../protocol/cluster/refusal.ts';
import { type CallAnswer, type CallOptions, type Failure, failedCall, withoutSecrets } from './call-answer.ts';
import { withMilvusClient } from './milvus-client.ts';

/**
 * Sends one request to the cluster. An answer is classified before its secrets are removed, so
 * that a password such as `status` cannot change the result.
 *
 * @param passwords the passwords in the request, without the password in the token.
 * @throws every error that is no status of gRPC
 */
export async function callCluster<T extends object>(
  { endpoint, token }: Admin,
  options: CallOptions,
  passwords: readonly string[],
  send: (client: MilvusClient) => Promise<T>,
): Promise<CallAnswer<T>> {
  const quoted = (text: string): string => withoutSecrets(text, token, passwords);
  try {
    const value = await withMilvusClient({ ...options, address: endpoint.url, token }, send);
    const status = statusOf(value);
    if (status.name === 'Success') {
      return { kind: 'success', value };
    }
    const answer = `${status.name} ${status.code}: ${quoted(status.reason)}`;
    return failedCall({ refused: classifyRefusal(status) }, endpoint, answer);
  } catch (error) {
    const { code, details } = error as { code?: unknown; details?: unknown };
    if (typeof code !== 'number') {
      throw error;
    }
    // The cut comes after the redaction, because half a secret would not be recognized.
    const answer = `gRPC ${code}: ${withoutInternals(quoted(String(details)))}`;
    return failedCall(failureOf(code, String(details)), endpoint, answer);
  }
}

/** After the time, grpc-js lists the steps of the call, such as "Waiting for LB pick". */
const INTERNALS_OF_DEADLINE = /^(Deadline exceeded after [\d.]+s),.*/s;

/** The words of grpc-js around a connection error, and Node's advice for a certificate. */
const INTERNALS_OF_CONNECTION =
  /^No connection established\. Last error: (?:Error: )?|; if the root CA is installed locally.*--use-system-ca|\. Resolution note: $/g;

function withoutInternals(details: string): string {
  return details.replace(INTERNALS_OF_DEADLINE, '$1').replace(INTERNALS_OF_CONNECTION, '');
}

const INVALID_ARGUMENT = 3;

/**
 * What each status code of gRPC means. The SDK does not export the codes.
 * ASSUMPTION milvus-refusal, ASSUMPTION milvus-forbidden
 */
const FAILURES: Readonly<Record<number, Failure>> = {
  4: { unavailable: 'no-answer' },
  7: { refused: 'forbidden' },
  14: { unavailable: 'unreachable' },
  16: { refused: 'unauthenticated' },
};

const NOT_READY: Failure = { unavailable: 'not-ready' };

/**
 * In an answer of a gateway in front of the cluster. grpc-js turns a gateway's HTTP 401 into
 * UNAUTHENTICATED, but a gateway says nothing about the password. ASSUMPTION zilliz-gateway
 */
const GATEWAY_ANSWER = /HTTP status code \d/;

function failureOf(code: number, details: string): Failure {
  if (GATEWAY_ANSWER.test(details)) {
    return NOT_READY;
  }
  if (code === INVALID_ARGUMENT) {
    return { refused: refusedParameter(details) };
  }
  return isNotPrimary(details) ? { refused: 'not-primary' } : (FAILURES[code] ?? NOT_READY);
}

function statusOf(value: object): Required<MilvusStatus> {
  const { status = value } = value as { status?: object | null };
  // For a method that the server lacks, the SDK resolves to `{}`, which is no success. The status
  // of an empty message is null.
  const {
    error_code: name = 'no status',
    code = 0,
    reason = 'the answer holds no status; is this a Milvus endpoint?',
  } = (status ?? {}) as { error_code?: string; code?: number; reason?: string };
  return { name, code, reason };
}

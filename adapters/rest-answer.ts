import { classifyRefusal } from '../protocol/cluster/refusal.ts';
import type { Failure } from './call-answer.ts';
import type { HttpAnswer } from './http-request.ts';

/** Who answered, and what: `REST 1400` and the message of Milvus, or `HTTP 502` and the body. */
export interface RestFailure {
  readonly failure: Failure;
  readonly source: string;
  readonly text: string;
}

export type RestOutcome = { success: Pick<MilvusBody, 'data' | 'description'> } | RestFailure;

/** ASSUMPTION milvus-refusal */
const UNAUTHENTICATED = 1800;
/** ASSUMPTION milvus-rest-timeout */
const DEADLINE_EXCEEDED = 10_001;

/**
 * Classifies an answer to a request of REST v2. Milvus answers most requests with HTTP 200 and a
 * code.
 */
export function outcomeOf({ status, body }: HttpAnswer): RestOutcome {
  const answer = parseBody(body);
  if (status === 200 && answer !== undefined) {
    return outcomeOfCode(answer);
  }
  const text = answer?.message ?? body;
  return {
    failure: failureOf(status, answer),
    source: `HTTP ${status}`,
    text: status === 404 ? `${text.trim()}. ${NO_REST}` : text,
  };
}

/**
 * A 401 or 403 without the body of Milvus comes from a gateway, and says nothing about the
 * password. ASSUMPTION zilliz-gateway
 */
function failureOf(status: number, answer: MilvusBody | undefined): Failure {
  if (status === 401 && answer?.code === UNAUTHENTICATED) {
    return { refused: 'unauthenticated' };
  }
  // ASSUMPTION milvus-forbidden
  if (status === 403 && answer !== undefined && /code = PermissionDenied/.test(answer.message)) {
    return { refused: 'forbidden' };
  }
  return { unavailable: status === 408 ? 'no-answer' : 'not-ready' };
}

const NO_REST = 'Milvus has REST v2 since 2.3.13. Use the transport grpc with an older Milvus';

interface MilvusBody {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
  /** The text beside the roles of a user. ASSUMPTION milvus-descriptions */
  readonly description: unknown;
}

function outcomeOfCode({ code, message, ...success }: MilvusBody): RestOutcome {
  // Success is 200 in Milvus 2.3.13 to 2.4.2, and 0 since 2.4.3. ASSUMPTION milvus-rest-success
  if (code === 0 || code === 200) {
    return { success };
  }
  const failure: Failure =
    code === DEADLINE_EXCEEDED ? { unavailable: 'no-answer' } : { refused: classifyRefusal({ code, reason: message }) };
  return { failure, source: `REST ${code}`, text: message };
}

/** @returns undefined if the body is not in the format of Milvus */
function parseBody(body: string): MilvusBody | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { code, message = '', data, description } = (parsed ?? {}) as Partial<Record<keyof MilvusBody, unknown>>;
  return typeof code === 'number' && typeof message === 'string' ? { code, message, data, description } : undefined;
}

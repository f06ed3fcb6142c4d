import type { ClusterUnavailableError } from '../protocol/cluster/cluster.ts';
import { classifyRefusal, type Refusal } from '../protocol/cluster/refusal.ts';
import type { HttpAnswer } from './http-request.ts';

/** Who answered, and what: `REST 1400` and the message of Milvus, or `HTTP 502` and the body. */
interface Quote {
  readonly source: string;
  readonly text: string;
}

export type RestOutcome =
  | { kind: 'success'; data: unknown; description: unknown }
  | (Quote & { kind: 'refused'; reason: Refusal })
  | (Quote & { kind: 'unavailable'; why: ClusterUnavailableError['kind'] });

/** ASSUMPTION milvus-refusal */
const UNAUTHENTICATED = 1800;
/** ASSUMPTION milvus-rest-timeout */
const DEADLINE_EXCEEDED = 10_001;

/**
 * Classifies an answer to a request of REST v2. Milvus answers most requests with HTTP 200 and a
 * code. A 401 or 403 without the body of Milvus comes from a gateway, and says nothing about the
 * password. ASSUMPTION zilliz-gateway
 */
export function outcomeOf({ status, body }: HttpAnswer): RestOutcome {
  const answer = parseBody(body);
  const http: Quote = { source: `HTTP ${status}`, text: answer?.message ?? body };
  const notReady: RestOutcome = { kind: 'unavailable', why: 'not-ready', ...http };
  switch (status) {
    case 200:
      return answer === undefined ? notReady : outcomeOfCode(answer);
    case 401:
      return answer?.code === UNAUTHENTICATED ? { kind: 'refused', reason: 'unauthenticated', ...http } : notReady;
    // ASSUMPTION milvus-forbidden
    case 403:
      return answer !== undefined && /code = PermissionDenied/.test(answer.message)
        ? { kind: 'refused', reason: 'forbidden', ...http }
        : notReady;
    case 404:
      return { ...notReady, text: `${http.text.trim()}. ${NO_REST}` };
    case 408:
      return { ...notReady, why: 'no-answer' };
    default:
      return notReady;
  }
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
    return { kind: 'success', ...success };
  }
  const quote: Quote = { source: `REST ${code}`, text: message };
  return code === DEADLINE_EXCEEDED
    ? { kind: 'unavailable', why: 'no-answer', ...quote }
    : { kind: 'refused', reason: classifyRefusal({ code, reason: message }), ...quote };
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

import { ControlPlaneError } from '../protocol/keys/control-plane.ts';
import { fieldsIn } from '../protocol/secret/document.ts';
import { redact } from '../protocol/secret/redaction.ts';
import { sendHttp } from './http-request.ts';

export interface ControlPlaneRequest<T> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/v2/api-keys/ID`. */
  readonly path: string;
  readonly query?: string;
  readonly body?: object;
  /** Reads `data` of a success. `undefined`: the answer does not hold what was asked for. */
  readonly read: (data: unknown) => T | undefined;
}

/** Sends one request and never retries. Throws {@link ControlPlaneError} only. */
export type ControlPlaneCall = <T>(request: ControlPlaneRequest<T>) => Promise<T>;

/** Printable ASCII without spaces, which a header can hold. */
const API_KEY = /^[\x21-\x7e]+$/;

interface ControlPlaneAddress {
  /** `https://api.cloud.zilliz.com:443` */
  readonly origin: string;
  readonly successCodes: readonly number[];
  readonly timeoutMs: number;
}

export function createControlPlaneCall(
  managerKey: string,
  { origin, successCodes, timeoutMs }: ControlPlaneAddress,
): ControlPlaneCall {
  /** The manager key, and every key that an answer held. */
  const secrets = [managerKey];

  return async ({ method, path, query = '', body, read }) => {
    const failure = (kind: ControlPlaneError['kind'], what: string): ControlPlaneError =>
      new ControlPlaneError(kind, redact(`${method} ${origin}${path}: ${what}`, secrets));

    if (!API_KEY.test(managerKey)) {
      throw failure('rejected', 'the manager key is empty, or it holds a character that no API key holds');
    }
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = {
      Authorization: `Bearer ${managerKey}`,
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    const request = { method, headers, signal, body: JSON.stringify(body) };
    const answer = await sendHttp(`${origin}${path}${query}`, request).catch((error: Error & { code?: unknown }) => {
      const why = signal.aborted ? `none within ${timeoutMs} ms` : String(error.code ?? error.name);
      throw failure('unavailable', `no complete answer (${why})`);
    });

    const { code, message, data } = fieldsIn(answer.body);
    const { apiKey } = fieldsOf(data);
    if (typeof apiKey === 'string') {
      secrets.push(apiKey);
    }
    const kind = kindOf(answer.status, code, successCodes);
    const source = typeof code === 'number' ? `HTTP ${answer.status}, code ${code}` : `HTTP ${answer.status}`;
    const value = kind === 'success' ? read(data) : undefined;
    if (value !== undefined) {
      return value;
    }
    if (kind === 'success' || kind === 'unavailable') {
      // This answer is not quoted, because it may hold a key that is not known here.
      throw failure('unavailable', `${source}, which is no answer to the request`);
    }
    throw failure(kind, `${source}${quoted(message)}`);
  };
}

/**
 * What a status of HTTP or a code says, if it is neither a success nor a refusal of the request.
 * No code is documented for API keys. ASSUMPTION keys-codes
 */
const FAILURES: ReadonlyMap<unknown, ControlPlaneError['kind']> = new Map([
  [401, 'rejected'],
  [1800, 'rejected'], // User hasn't authenticated
  [21_119, 'rejected'], // The apikey is illegal
  [80_001, 'rejected'], // Invalid token
  [403, 'forbidden'],
  // "You don't have permission for this project" or "cluster", each for another reason
  ...[96_012, 96_013, 96_014, 96_015, 96_016, 96_027].map((code) => [code, 'forbidden'] as const),
  [408, 'unavailable'],
  [429, 'unavailable'],
]);

function kindOf(
  status: number,
  code: unknown,
  successCodes: readonly unknown[],
): 'success' | ControlPlaneError['kind'] {
  if (isServerError(status) || isServerError(code)) {
    return 'unavailable';
  }
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && successCodes.includes(code)) {
    return 'success';
  }
  // A success of HTTP without a code does not come from the control plane.
  const otherwise = isSuccess && typeof code !== 'number' ? 'unavailable' : 'refused';
  return FAILURES.get(status) ?? FAILURES.get(code) ?? otherwise;
}

function isServerError(status: unknown): boolean {
  return typeof status === 'number' && status >= 500 && status < 600;
}

/** A longer text is no reason, and takes long to redact. */
const MAX_MESSAGE = 500;

function quoted(message: unknown): string {
  return typeof message === 'string' && message !== '' && message.length <= MAX_MESSAGE ? `: ${message}` : '';
}

/** The fields of a JSON object. Any other value has none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value) as Record<string, unknown>;
}

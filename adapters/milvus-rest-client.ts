import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { HttpClient } from '@zilliz/milvus2-sdk-node';
import type { ClientOptions } from './call-answer.ts';
import type { HttpAnswer } from './rest-answer.ts';

/** No complete answer came before the deadline. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError' as const;
}

/**
 * Sends one request with the SDK's client and returns the answer as it came. The SDK itself drops
 * the status of an answer, and the body of an error.
 *
 * @throws DeadlineError, and Node's error if there is no connection or none that can be trusted
 */
export async function sendWithRestClient(
  { address, token, timeoutMs = 5000, privateCa }: ClientOptions,
  send: (client: HttpClient) => Promise<unknown>,
): Promise<HttpAnswer> {
  const client = new HttpClient({
    endpoint: address,
    token,
    timeout: timeoutMs,
    fetch: async (url: string, { headers, ...init }: SdkRequest) => {
      const answer = await post(url, { ...init, headers: headersFor(token, headers), ca: privateCa });
      return { ok: true, json: () => answer };
    },
  });
  // The SDK's methods return what `json` returns.
  return (await send(client)) as HttpAnswer;
}

/** What the SDK gives to `fetch`. */
interface SdkRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
}

function headersFor(
  token: string,
  { ContentType: type = '', ...headers }: SdkRequest['headers'],
): SdkRequest['headers'] {
  // The SDK writes the name of this header without its hyphen.
  return { ...headers, Authorization: authorizationHeader(token), 'Content-Type': type };
}

/** Printable ASCII that does not end in a space. */
const FITS_A_HEADER = /^[\x20-\x7e]*[\x21-\x7e]$/;

/**
 * Zilliz documents `Bearer`. A header can hold neither a space at its end nor every character of
 * Unicode, so such a password travels in base64, which Milvus reads too.
 */
function authorizationHeader(token: string): string {
  return FITS_A_HEADER.test(token) ? `Bearer ${token}` : `Basic ${Buffer.from(token).toString('base64')}`;
}

interface PostRequest extends SdkRequest {
  readonly ca: string | undefined;
}

/**
 * Node's `fetch` takes no certificate authority, follows redirects and shares connections. Here,
 * every request has a connection of its own, for which a load balancer may choose another proxy.
 */
function post(url: string, { headers, body, signal, ca }: PostRequest): Promise<HttpAnswer> {
  const options = { method: 'POST', headers: { ...headers, 'Content-Length': Buffer.byteLength(body) }, agent: false };
  return new Promise((resolve, reject) => {
    const onAnswer = (message: IncomingMessage): void => {
      read(message).then(resolve, reject);
    };
    const request = url.startsWith('https:')
      ? requestTls(url, { ...options, ...(ca === undefined ? {} : { ca }) }, onAnswer)
      : requestPlain(url, options, onAnswer);
    request.on('error', reject);
    // Node's option `signal` is not used, because its AbortError makes the SDK print a warning.
    signal.addEventListener('abort', () => {
      reject(new DeadlineError('no answer before the deadline'));
      request.destroy();
    });
    request.end(body);
  });
}

const MAX_BODY_BYTES = 65_536;

async function read(message: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_BODY_BYTES) {
      // Leaving the loop closes the connection.
      break;
    }
  }
  const body = Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString();
  return { status: message.statusCode ?? 0, body };
}

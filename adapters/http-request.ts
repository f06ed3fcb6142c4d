import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  /** PEM of the authority of the server. @default the authorities that Node trusts */
  readonly ca?: string | undefined;
  /** How much of the answer is read. @default all of it */
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Decoded from UTF-8. */
  readonly body: string;
}

/** No complete answer came before the deadline. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError' as const;
}

/**
 * Sends one request on a connection of its own, for which a load balancer may choose another
 * proxy, and follows no redirect, so that no other host gets the credential. Node's `fetch` takes
 * no certificate authority, shares connections and quotes headers in its errors.
 *
 * @throws DeadlineError, and Node's error if there is no connection or none that can be trusted
 */
export function sendHttp(
  url: string,
  { body, signal, maxBytes = Number.POSITIVE_INFINITY, ...options }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const onAnswer = (message: IncomingMessage): void => {
      read(message, maxBytes).then(resolve, reject);
    };
    const send = url.startsWith('https:') ? requestTls : requestPlain;
    const request = send(url, { ...options, agent: false }, onAnswer);
    request.on('error', reject);
    // Node's option `signal` is not used, because its AbortError makes the SDK of Milvus print a
    // warning.
    signal.addEventListener('abort', () => {
      reject(new DeadlineError('no answer before the deadline'));
      request.destroy();
    });
    request.end(body);
  });
}

async function read(message: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) {
      // Leaving the loop closes the connection.
      break;
    }
  }
  const body = Buffer.concat(chunks).subarray(0, maxBytes).toString();
  return { status: message.statusCode ?? 0, body };
}

import { HttpClient } from '@zilliz/milvus2-sdk-node';
import type { ClientOptions } from './call-answer.ts';
import { type HttpAnswer, sendHttp } from './http-request.ts';

/** A gateway may send more. */
const MAX_BODY_BYTES = 65_536;

/**
 * Sends one request with the SDK's client and returns the answer as it came. The SDK itself drops
 * the status of an answer, and the body of an error.
 *
 * @throws as {@link sendHttp} does
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
      const answer = await sendHttp(url, {
        ...init,
        method: 'POST',
        headers: headersFor(token, headers),
        ca: privateCa,
        maxBytes: MAX_BODY_BYTES,
      });
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

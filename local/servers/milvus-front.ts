import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { MilvusAddress } from './milvus-client.ts';

/** The bytes before a message of gRPC: whether it is compressed, and its length. */
export const PREFIX = 5;

/** A complete answer of the cluster. */
export interface MilvusAnswer {
  readonly headers: OutgoingHttpHeaders;
  /** At most one message of gRPC. */
  readonly body: Buffer;
  readonly trailers: OutgoingHttpHeaders;
}

/**
 * Makes a server of gRPC without TLS in front of a cluster. Each connection of a caller has a
 * connection to the cluster, and both end together.
 *
 * @param answer If it returns undefined, the caller waits for ever. If it throws, the call ends
 * without an answer.
 */
export function milvusFront(
  { endpoint, caPem }: MilvusAddress,
  answer: (call: MilvusCall) => Promise<MilvusAnswer | undefined>,
): Http2Server {
  let connections = 0;
  return createServer().on('session', (session: ServerHttp2Session) => {
    const connection = ++connections;
    const cluster = connect(endpoint, caPem === undefined ? {} : { ca: caPem });
    const end = (): void => {
      session.destroy();
      cluster.destroy();
    };
    for (const side of [session, cluster]) {
      side.on('error', end).on('close', end);
    }
    session.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      const respond = async (): Promise<void> => {
        const given = await answer(new MilvusCall(stream, headers, cluster, connection));
        if (given !== undefined) {
          send(stream, given);
        }
      };
      // Either side can give up a call. The other calls of the connection go on.
      respond().catch(() => stream.close(constants.NGHTTP2_CANCEL));
    });
  });
}

/** A call with one message and one answer. Streams of messages do not pass a front. */
export class MilvusCall {
  /** The method of gRPC, such as `SelectUser`. */
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
  /** Counts the connections of callers from 1. */
  readonly connection: number;
  /** `user:password` or an API key. A front may replace the token before it forwards the call. */
  token: string;
  readonly #stream: ServerHttp2Stream;
  readonly #cluster: ClientHttp2Session;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    cluster: ClientHttp2Session,
    connection: number,
  ) {
    this.name = headers[':path']?.split('/').at(-1) ?? '';
    this.headers = headers;
    this.connection = connection;
    this.token = Buffer.from(headers.authorization ?? '', 'base64').toString();
    this.#stream = stream;
    this.#cluster = cluster;
  }

  /** The message without its prefix. The call can still be forwarded. */
  async message(): Promise<Buffer> {
    let read = Buffer.alloc(0);
    // Does not wait for the end of the stream, which a client may leave open.
    while (read.length < PREFIX || read.length < PREFIX + read.readUInt32BE(1)) {
      const more = this.#stream.read() as Buffer | null;
      if (more === null) {
        await once(this.#stream, 'readable');
      } else {
        read = Buffer.concat([read, more]);
      }
    }
    this.#stream.unshift(read);
    return read.subarray(PREFIX);
  }

  /** Passes the call on while its message arrives, and waits for the complete answer. */
  async forward(): Promise<MilvusAnswer> {
    const { ':authority': _, authorization, ...headers } = this.headers;
    const token = authorization && Buffer.from(this.token).toString('base64');
    const call = this.#cluster.request({ ...headers, authorization: token });
    call.on('error', () => undefined);
    this.#stream.on('close', () => call.close(constants.NGHTTP2_CANCEL));
    this.#stream.pipe(call);
    let trailers: IncomingHttpHeaders = {};
    call.on('trailers', (received: IncomingHttpHeaders) => {
      trailers = received;
    });
    // If the caller leaves its stream open, the cluster closes the call as soon as it has answered.
    // So the body is read from the beginning.
    const [[headersOfAnswer], body] = (await Promise.all([once(call, 'response'), call.toArray()])) as [
      [IncomingHttpHeaders],
      Buffer[],
    ];
    return { headers: { ...headersOfAnswer }, body: Buffer.concat(body), trailers: { ...trailers } };
  }
}

function send(stream: ServerHttp2Stream, { headers, body, trailers }: MilvusAnswer): void {
  const hasTrailers = Object.keys(trailers).length > 0;
  stream.respond(headers, { endStream: !hasTrailers, waitForTrailers: hasTrailers });
  if (hasTrailers) {
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(body);
  }
}

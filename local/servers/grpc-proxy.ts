import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { MilvusAddress } from './milvus-client.ts';

/** A complete answer of the cluster. */
export interface ClusterAnswer {
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
  readonly body: Buffer;
  readonly trailers: ClusterAnswer['headers'];
}

/** A complete gRPC request, and the cluster connection that belongs to the caller's connection. */
export interface ProxiedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly stream: ServerHttp2Stream;
  readonly cluster: ClientHttp2Session;
  /** Counts the connections from 1. */
  readonly connection: number;
}

/** A call, and the cluster connection that belongs to the caller's connection. */
type Call = Pick<ProxiedRequest, 'headers' | 'stream' | 'cluster' | 'connection'>;

/** Makes a server of gRPC without TLS in front of a cluster. Both connections end together. */
export function grpcServerBefore({ endpoint, caPem }: MilvusAddress, onCall: (call: Call) => void): Http2Server {
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
      onCall({ headers, stream, cluster, connection });
    });
  });
}

/** The same, which reads each message completely before it answers. */
export function grpcProxy(milvus: MilvusAddress, answer: (request: ProxiedRequest) => Promise<void>): Http2Server {
  return grpcServerBefore(milvus, ({ stream, ...call }) => {
    const read = async (): Promise<void> => {
      const body = Buffer.concat((await stream.toArray()) as Buffer[]);
      await answer({ ...call, body, stream });
    };
    // Either side can give up a call. The other calls of the connection go on.
    read().catch(() => stream.close(constants.NGHTTP2_CANCEL));
  });
}

/** Sends the request to the cluster, and waits for the complete answer. */
export async function forward({
  headers: { ':authority': _, ...headers },
  body,
  cluster,
}: Pick<ProxiedRequest, 'headers' | 'body' | 'cluster'>): Promise<ClusterAnswer> {
  const call = cluster.request(headers);
  call.end(body);
  let trailers: ClusterAnswer['trailers'] = {};
  call.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = { ...received };
  });
  const [received] = (await once(call, 'response')) as [IncomingHttpHeaders];
  return { headers: { ...received }, body: Buffer.concat((await call.toArray()) as Buffer[]), trailers };
}

/** Answers a request with the cluster's answer. */
export function respond(stream: ServerHttp2Stream, { headers, body, trailers }: ClusterAnswer): void {
  const hasTrailers = Object.keys(trailers).length > 0;
  stream.respond(headers, { endStream: !hasTrailers, waitForTrailers: hasTrailers });
  if (hasTrailers) {
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(body);
  }
}

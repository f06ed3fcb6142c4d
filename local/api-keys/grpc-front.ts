import { type ClientHttp2Session, constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { grpcServerBefore } from '../servers/grpc-proxy.ts';
import type { MilvusAddress } from '../servers/milvus-client.ts';
import { type Listening, listenOnLoopback } from '../servers/ports.ts';

/**
 * Starts a server of gRPC without TLS in front of a Milvus, on a free port of 127.0.0.1. It passes
 * each call on, with another token, before it has read the message: an application may send the
 * message late.
 */
export async function startGrpcFront(milvus: MilvusAddress, tokenFor: (token: string) => string): Promise<Listening> {
  return listenOnLoopback(
    grpcServerBefore(milvus, ({ stream, headers, cluster }) => {
      forward(stream, { ...headers, ...withToken(headers, tokenFor) }, cluster);
    }),
  );
}

/** gRPC sends the token as base64. */
function withToken({ authorization }: IncomingHttpHeaders, tokenFor: (token: string) => string): IncomingHttpHeaders {
  if (authorization === undefined) {
    return {};
  }
  const token = tokenFor(Buffer.from(authorization, 'base64').toString());
  return { authorization: Buffer.from(token).toString('base64') };
}

function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, cluster: ClientHttp2Session): void {
  const { ':authority': _, ...forwarded } = headers;
  const call = cluster.request(forwarded);
  // Either side can give up. The other side learns it from the end of its stream.
  stream.on('close', () => call.close(constants.NGHTTP2_CANCEL));
  call.on('error', () => stream.close(constants.NGHTTP2_CANCEL));
  stream.pipe(call);
  let trailers: IncomingHttpHeaders = {};
  call.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = received;
  });
  call.on('response', ({ ':status': status, ...received }: IncomingHttpHeaders, flags: number) => {
    const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond({ ':status': Number(status), ...received }, { endStream: isAll, waitForTrailers: !isAll });
    if (!isAll) {
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      call.pipe(stream);
    }
  });
}

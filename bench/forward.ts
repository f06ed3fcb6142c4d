import { once } from 'node:events';
import type { ClientHttp2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { ClusterAnswer } from './faults/cluster-request.ts';

/** Sends a complete request of gRPC to the cluster, and waits for the complete answer. */
export async function forward(
  { ':authority': _, ...headers }: IncomingHttpHeaders,
  body: Buffer,
  cluster: ClientHttp2Session,
): Promise<ClusterAnswer> {
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

import { randomBytes } from 'node:crypto';
import { type ClientHttp2Session, constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { grpcServerBefore } from '../servers/grpc-proxy.ts';
import { createClusterUser, type MilvusAddress } from '../servers/milvus-client.ts';
import { type Listening, listenOnLoopback } from '../servers/ports.ts';
import { startRestServer } from '../servers/rest-server.ts';
import { type ControlPlaneServer, PROJECT_ID, startControlPlane } from './control-plane.ts';
import type { ClusterId } from './key-directory.ts';

/** A cluster that accepts API keys, and the control plane of its keys. */
export interface KeyCloud
  extends Pick<ControlPlaneServer, 'managerKey' | 'createKey' | 'revoke' | 'faults' | 'directory'> {
  readonly controlPlaneUrl: string;
  /** What a key must name to be accepted: this cluster, or all clusters of this project. */
  readonly cluster: ClusterId;
  /** gRPC, which accepts keys and `user:password`. */
  readonly endpoint: string;
  /** REST v2, which accepts the same. */
  readonly restEndpoint: string;
  close(): Promise<void>;
}

/**
 * Starts a control plane for API keys, and a front of Milvus that accepts them by gRPC and by REST.
 * All servers run in this process, on free ports of 127.0.0.1, without TLS. Several can share one
 * Milvus.
 *
 * @param milvus holds the data
 * @throws Error if Milvus refuses to create the user that all keys act as. No server runs then.
 */
export async function startKeyCloud(milvus: MilvusAddress & { readonly rootPassword: string }): Promise<KeyCloud> {
  // Milvus knows no keys, so every key acts as this user.
  const user = { username: `keys_${randomBytes(6).toString('hex')}`, password: randomBytes(18).toString('base64url') };
  await createClusterUser(milvus, { ...user, roles: ['admin'] });
  const controlPlane = await startControlPlane();
  const { directory } = controlPlane;
  const cluster = { projectId: PROJECT_ID, clusterId: 'in01-local' };
  // Milvus itself refuses an unknown key.
  const tokenFor = (token: string): string =>
    !token.includes(':') && directory.opens(token, cluster) ? `${user.username}:${user.password}` : token;
  const grpc = await startGrpcFront(milvus, tokenFor);
  const rest = await startRestServer({ milvus, tokenFor });
  const { url: controlPlaneUrl, managerKey, createKey, revoke, faults } = controlPlane;
  return {
    controlPlaneUrl,
    cluster,
    endpoint: `http://127.0.0.1:${grpc.port}`,
    restEndpoint: rest.endpoint,
    managerKey,
    createKey,
    revoke,
    faults,
    directory,
    close: async () => {
      await Promise.all([controlPlane.stop(), grpc.stop(), rest.stop()]);
    },
  };
}

/**
 * Starts a server of gRPC without TLS in front of a Milvus, on a free port of 127.0.0.1. It passes
 * each call on, with another token, before it has read the message: an application may send the
 * message late.
 */
async function startGrpcFront(milvus: MilvusAddress, tokenFor: (token: string) => string): Promise<Listening> {
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

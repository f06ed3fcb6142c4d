import { randomBytes } from 'node:crypto';
import { createClusterUser, type MilvusAddress } from '../servers/milvus-client.ts';
import { milvusFront } from '../servers/milvus-front.ts';
import { listenOnLoopback } from '../servers/ports.ts';
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
  const front = milvusFront(milvus, (call) => {
    call.token = tokenFor(call.token);
    return call.forward();
  });
  const grpc = await listenOnLoopback(front);
  const rest = await startRestServer({ milvus, tokenFor });
  const { url: controlPlaneUrl, managerKey, createKey, revoke, faults } = controlPlane;
  return {
    controlPlaneUrl,
    cluster,
    endpoint: grpc.url,
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

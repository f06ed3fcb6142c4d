import { describe, expect, it } from 'vitest';
import { createMilvusCluster } from '../../../cluster/grpc/milvus-cluster.ts';
import { clusterContract } from '../../contract/cluster-contract.ts';
import { unusedEndpoint } from '../../support/loopback.ts';
import { newClusterUser, newPassword, servers } from '../../support/servers.ts';

for (const server of ['tls', 'plaintext'] as const) {
  clusterContract(`MilvusCluster (${server})`, async () => ({
    cluster: createMilvusCluster({ privateCa: servers().access.milvus[server].caPem }),
    user: await newClusterUser(server),
    unusedEndpoint: await unusedEndpoint(),
    // The TLS server has no super users, which is Milvus's default: it asks even root for the old
    // password.
    admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
  }));
}

describe('MilvusCluster', () => {
  it('tells the roles of the user', async () => {
    const cloud = servers();
    const user = await newClusterUser('plaintext');
    const admin = { ...user, username: `${user.username}_admin`.slice(0, 32), password: newPassword() };
    await cloud.createClusterUser('plaintext', { ...admin, roles: ['admin'] });
    const cluster = createMilvusCluster();
    expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles: [] });
    expect(await cluster.authenticates(admin)).toEqual({ kind: 'accepted', roles: ['admin'] });
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { parseEndpoint } from '../../../cluster/endpoint.ts';
import { createMilvusRestCluster } from '../../../cluster/rest/milvus-rest-cluster.ts';
import { startRestServer } from '../../../local/rest-server.ts';
import { clusterContract } from '../../contract/cluster-contract.ts';
import { LOOPBACK, unusedEndpoint } from '../../support/loopback.ts';
import { changePasswordOutside, newClusterUser, newPassword, restEndpoint, servers } from '../../support/servers.ts';

// The REST server of the local cloud imitates Milvus 2.6.
for (const server of ['tls', 'plaintext'] as const) {
  clusterContract(`MilvusRestCluster (${server})`, async () => ({
    cluster: createMilvusRestCluster({ privateCa: servers().access.milvus[server].caPem }),
    user: { ...(await newClusterUser(server)), endpoint: restEndpoint(server) },
    unusedEndpoint: await unusedEndpoint(),
    admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
  }));
}

for (const version of ['2.3.13', '2.4', '2.5'] as const) {
  clusterContract(`MilvusRestCluster (${version})`, async () => {
    const milvus = servers().access.milvus.plaintext;
    const rest = await startRestServer({ milvus, version, superUsers: ['root'] });
    onTestFinished(() => rest.stop());
    return {
      cluster: createMilvusRestCluster(),
      user: { ...(await newClusterUser('plaintext')), endpoint: parseEndpoint(rest.endpoint, LOOPBACK) },
      unusedEndpoint: await unusedEndpoint(),
      admin: { token: `root:${milvus.rootPassword}`, mayReset: true },
    };
  });
}

describe('MilvusRestCluster', () => {
  it('refuses to reset the password of a user that does not exist', async () => {
    const admin = {
      endpoint: restEndpoint('plaintext'),
      token: `root:${servers().access.milvus.plaintext.rootPassword}`,
    };
    expect(await createMilvusRestCluster().resetPassword(admin, 'nobody_here', newPassword())).toMatchObject({
      kind: 'refused',
      reason: 'unknown-user',
    });
  });

  it('tells the roles of the user', async () => {
    const user = { ...(await newClusterUser('plaintext')), endpoint: restEndpoint('plaintext') };
    const admin = { ...user, username: `${user.username}_admin`.slice(0, 32), password: newPassword() };
    await servers().createClusterUser('plaintext', { ...admin, roles: ['admin'] });
    const cluster = createMilvusRestCluster();
    expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles: [] });
    expect(await cluster.authenticates(admin)).toEqual({ kind: 'accepted', roles: ['admin'] });
  });

  it.each(['Ends-in-a-space-1 ', 'Pässwörd-with-ümlauts', 'With:colon:1'])(
    'changes the password to %j and back from it',
    async (password) => {
      const user = { ...(await newClusterUser('plaintext')), endpoint: restEndpoint('plaintext') };
      const cluster = createMilvusRestCluster();
      await changePasswordOutside(user, { password, cluster });
      expect(await cluster.authenticates(user)).toEqual({ kind: 'rejected' });
      expect(await cluster.authenticates({ ...user, password })).toMatchObject({ kind: 'accepted' });
      await changePasswordOutside({ ...user, password }, { password: user.password, cluster });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    },
  );

  it('says that a Milvus without REST v2 has none', async () => {
    const user = await newClusterUser('plaintext');
    await expect(createMilvusRestCluster().authenticates(user)).rejects.toMatchObject({
      kind: 'not-ready',
      message: expect.stringContaining('Milvus has REST v2 since 2.3.13'),
    });
  });
});

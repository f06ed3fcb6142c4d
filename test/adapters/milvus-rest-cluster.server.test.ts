import { describe, expect, it, onTestFinished } from 'vitest';
import { createMilvusRestCluster } from '../../adapters/milvus-rest-cluster.ts';
import { startRestServer } from '../../local/servers/rest-server.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { clusterContract } from '../contract/cluster-contract.ts';
import { LOOPBACK, unusedEndpoint } from '../support/loopback.ts';
import { changePasswordOutside, newClusterUser, newPassword, restEndpoint, servers } from '../support/servers.ts';

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
      message: expect.stringContaining('2.3.13'),
    });
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { createMilvusRestCluster } from '../../adapters/milvus-rest-cluster.ts';
import { LOOPBACK } from '../../local/cloud/access.ts';
import type { RestVersion } from '../../local/servers/rest-routes.ts';
import { startRestServer } from '../../local/servers/rest-server.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { clusterContract } from '../contract/cluster-contract.ts';
import { unusedEndpoint } from '../support/loopback.ts';
import { newClusterUser, newPassword, restEndpoint, servers, uniqueName } from '../support/servers.ts';

const milvus = servers().access.milvus.plaintext;
const ROOT = `root:${milvus.rootPassword}`;

/** @returns the endpoint of the REST server of a version of Milvus */
async function startRest(version: RestVersion): Promise<Endpoint> {
  const rest = await startRestServer({ milvus, version, superUsers: ['root'] });
  onTestFinished(() => rest.stop());
  return parseEndpoint(rest.endpoint, LOOPBACK);
}

async function post(version: RestVersion, path: string, body: object): Promise<unknown> {
  const { url } = await startRest(version);
  const headers = { Authorization: `Bearer ${ROOT}` };
  const answer = await fetch(`${url}/v2/vectordb/users/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return await answer.json();
}

for (const version of ['2.3.13', '2.4', '2.5'] as const) {
  clusterContract(`MilvusRestCluster (${version})`, async () => ({
    cluster: createMilvusRestCluster(),
    user: { ...(await newClusterUser('plaintext')), endpoint: await startRest(version) },
    unusedEndpoint: await unusedEndpoint(),
    admin: { token: ROOT, mayReset: true },
  }));
}

describe('the REST server of Milvus', () => {
  it.each([
    ['2.3.13', { code: 200, data: [] }],
    ['2.4', { code: 0, data: [] }],
    ['2.6', { code: 0, data: [], description: '' }],
  ] as const)('%s describes an unknown user as %j', async (version, described) => {
    expect(await post(version, 'describe', { userName: 'nobody_here' })).toEqual(described);
  });

  it('2.5 knows no descriptions', async () => {
    const answer = await post('2.5', 'update_password', { userName: 'root', description: 'reads' });
    expect(answer).toMatchObject({ code: 1802 });
  });

  it.each([
    ['2.5', { kind: 'changed' }],
    ['2.6', { kind: 'refused', reason: 'unknown-user' }],
  ] as const)('%s answers the reset of an unknown user by a super user with %j', async (version, change) => {
    const admin = { endpoint: await startRest(version), token: ROOT };
    const reset = createMilvusRestCluster().resetPassword(admin, uniqueName('nobody'), newPassword());
    expect(await reset).toMatchObject(change);
  });
});

describe('MilvusRestCluster', () => {
  it.each(['Ends-in-a-space-1 ', 'Pässwörd-with-ümlauts', 'With:colon:1'])(
    'changes the password to %j and back from it',
    async (password) => {
      const user = { ...(await newClusterUser('plaintext')), endpoint: restEndpoint('plaintext') };
      const cluster = createMilvusRestCluster();
      expect(await cluster.changePassword(user, password)).toEqual({ kind: 'changed' });
      expect(await cluster.authenticates(user)).toEqual({ kind: 'rejected' });
      expect(await cluster.authenticates({ ...user, password })).toMatchObject({ kind: 'accepted' });
      expect(await cluster.changePassword({ ...user, password }, user.password)).toEqual({ kind: 'changed' });
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

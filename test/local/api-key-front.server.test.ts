import { HttpClient, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyCloud, startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { logIn, withLocalMilvus } from '../../local/servers/milvus-client.ts';
import { newClusterUser, servers } from '../support/servers.ts';
import { createPoints } from '../support/vector-collection.ts';

const UNAUTHENTICATED = 16;
const HTTP_UNAUTHENTICATED = { status: 401 };

// The Milvus with TLS proves that the front reaches both kinds of servers: the other one differs
// only in the scheme.
let cloud: KeyCloud;

beforeAll(async () => {
  cloud = await startKeyCloud({ milvus: servers().access.milvus.tls });
});

afterAll(() => cloud.close());

function grpc<T>(token: string, use: (client: MilvusClient) => Promise<T>): Promise<T> {
  return withLocalMilvus({ endpoint: cloud.endpoint }, token, use);
}

const version = (token: string) => grpc(token, (client) => client.getVersion());
const rest = (token: string): HttpClient => new HttpClient({ endpoint: cloud.restEndpoint, token });
const collections = async (token: string): Promise<string[]> =>
  grpc(token, async (client) => (await client.listCollections()).data.map(({ name }) => name));

test('an application with a key works on data by gRPC and by REST', async () => {
  const { key } = cloud.createKey();
  let collection_name = '';
  const near = { id: 1, place: [0.1, 0.2] };
  await grpc(key, async (client) => {
    collection_name = await createPoints(client);
    expect(await client.insert({ collection_name, data: [near] })).toMatchObject({ insert_cnt: '1' });
    const { results } = await client.search({ collection_name, data: [0.1, 0.2], limit: 1 });
    expect(results).toMatchObject([{ id: '1' }]);
  });
  expect(await collections(key)).toContain(collection_name);

  const { data: listed } = await rest(key).listCollections({});
  expect(listed).toContain(collection_name);
  const inserted = await rest(key).insert({ collectionName: collection_name, data: [{ id: 2, place: [9, 9] }] });
  expect(inserted).toMatchObject({ code: 0, data: { insertCount: 1 } });
  const found = await rest(key).search({ collectionName: collection_name, data: [[9, 9]], limit: 1 } as never);
  expect(found).toMatchObject({ code: 0, data: [{ id: '2', distance: 0 }] });
  await grpc(key, (client) => client.dropCollection({ collection_name }));
});

describe('both servers', () => {
  test('refuse an unknown key as Milvus does', async () => {
    await expect(version('unknown')).rejects.toMatchObject({ code: UNAUTHENTICATED });
    await expect(rest('unknown').listCollections({})).rejects.toMatchObject(HTTP_UNAUTHENTICATED);
  });

  test('refuse a key of another cluster', async () => {
    const { key } = cloud.createKey({ projects: [] });
    await expect(version(key)).rejects.toMatchObject({ code: UNAUTHENTICATED });
  });

  test('refuse a deleted key at the next call of an open client', async () => {
    const { id, key } = cloud.createKey();
    await grpc(key, async (client) => {
      await client.getVersion();
      expect(await rest(key).listCollections({})).toMatchObject({ code: 0 });
      const url = `${cloud.controlPlaneUrl}/v2/api-keys/${id}`;
      await fetch(url, { method: 'DELETE', headers: { Authorization: `Bearer ${cloud.managerKey}` } });
      await expect(client.getVersion()).rejects.toMatchObject({ code: UNAUTHENTICATED });
    });
    await expect(rest(key).listCollections({})).rejects.toMatchObject(HTTP_UNAUTHENTICATED);
  });

  test('notice a new key late if a lag is set', async () => {
    cloud.lag.created = 1;
    const { key } = cloud.createKey();
    cloud.lag.created = 0;
    await expect(version(key)).rejects.toMatchObject({ code: UNAUTHENTICATED });
    expect(await rest(key).listCollections({})).toMatchObject({ code: 0 });
  });

  test('accept user and password, and refuse a wrong password', async () => {
    const { username, password } = await newClusterUser('tls');
    expect(await logIn({ endpoint: cloud.endpoint }, `${username}:${password}`)).toBe('accepted');
    expect(await logIn({ endpoint: cloud.endpoint }, `${username}:wrong`)).toBe('refused');
    expect(await rest(`${username}:${password}`).describeUser({ userName: username })).toMatchObject({ code: 0 });
    await expect(rest(`${username}:wrong`).describeUser({ userName: username })).rejects.toMatchObject(
      HTTP_UNAUTHENTICATED,
    );
  });
});

import { inspect } from 'node:util';
import { ConsistencyLevelEnum, DataType } from '@zilliz/milvus2-sdk-node';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type CredentialEvent,
  createRotatingClient,
  type RotatingClientOptions,
  type RotatingMilvusClient,
} from '../../client/index.ts';
import { withLocalMilvus } from '../../local/milvus/milvus-client.ts';
import { deployRotation, newUserWithSecret, passwordsOf, rotateToItsEnd } from '../support/deployed-rotation.ts';
import { leakedForms } from '../support/password-forms.ts';
import { secretsManager, servers, uniqueName } from '../support/servers.ts';

const DIMENSION = 4;
const WORKERS = 8;

describe('the client, while the deployed function rotates its password', () => {
  let secret: string;

  beforeAll(async () => {
    ({ secret } = await newUserWithSecret('tls', {}, ['admin']));
    await deployRotation([{ name: secret }]);
  });

  function clientOptions(events: CredentialEvent[] = []): RotatingClientOptions {
    return {
      secretId: secret,
      secretsManager: secretsManager(),
      config: { tls: { rootCert: Buffer.from(servers().access.milvus.tls.caPem ?? '') }, maxRetries: 0 },
      onEvent: (event) => events.push(event),
    };
  }

  async function newCollection(client: RotatingMilvusClient): Promise<string> {
    const collection_name = uniqueName('continuity');
    const fields = [
      { name: 'id', data_type: DataType.Int64, is_primary_key: true },
      { name: 'vector', data_type: DataType.FloatVector, dim: DIMENSION },
    ];
    await client.createCollection({ collection_name, fields });
    await client.createIndex({ collection_name, field_name: 'vector', index_type: 'FLAT', metric_type: 'L2' });
    await client.loadCollectionSync({ collection_name });
    return collection_name;
  }

  it('inserts and queries in parallel without a failed call, a lost row or a repeated row', async () => {
    const events: CredentialEvent[] = [];
    const client = await createRotatingClient(clientOptions(events));
    onTestFinished(() => client.close());
    const collection_name = await newCollection(client);

    let isRotating = true;
    let nextId = 0;
    let queries = 0;
    const worker = async (): Promise<void> => {
      while (isRotating) {
        const id = nextId++;
        const { status, insert_cnt } = await client.insert({
          collection_name,
          data: [{ id, vector: [id, 0, 0, 0] }],
        });
        expect([status.error_code, insert_cnt]).toEqual(['Success', '1']);
        const found = await client.query({ collection_name, filter: `id == ${id}`, output_fields: ['id'], limit: 1 });
        expect(found.status.error_code).toBe('Success');
        queries += 1;
      }
    };
    const workers = Promise.all(Array.from({ length: WORKERS }, worker));
    for (let rotation = 1; rotation <= 2; rotation += 1) {
      await rotateToItsEnd(secret);
      // A rotation can end before any worker makes its next call.
      await vi.waitFor(() => expect(client.credentials.counters.interruptions).toBe(rotation), { timeout: 30_000 });
    }
    isRotating = false;
    await workers;

    // Another user counts the rows, with another client.
    const { tls } = servers().access.milvus;
    const ids = await withLocalMilvus(tls, `root:${tls.rootPassword}`, async (root) => {
      const filter = 'id >= 0';
      const answer = await root.query({
        collection_name,
        filter,
        output_fields: ['id'],
        consistency_level: ConsistencyLevelEnum.Strong,
      });
      return answer.data.map(({ id }) => Number(id));
    });
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: nextId }, (_, id) => id));
    expect(queries).toBe(nextId);
    const { refusedCalls, interruptions, refreshes } = client.credentials.counters;
    expect(interruptions).toBe(2);
    expect(refusedCalls).toBeGreaterThanOrEqual(2);
    expect(refreshes).toBeGreaterThanOrEqual(2);
    expect(events.filter(({ type }) => type === 'recovered')).toHaveLength(2);
    const text = inspect([events, client.credentials], { depth: 9, showHidden: true, getters: true });
    expect(leakedForms(text, await passwordsOf(secret))).toEqual([]);
  });

  it('iterates over a collection through a rotation', async () => {
    const client = await createRotatingClient(clientOptions());
    onTestFinished(() => client.close());
    const collection_name = await newCollection(client);
    const data = Array.from({ length: 20 }, (_, id) => ({ id, vector: [id, 0, 0, 0] }));
    await client.insert({ collection_name, data });
    const iterator = await client.queryIterator({
      collection_name,
      batchSize: 5,
      output_fields: ['id'],
      consistency_level: ConsistencyLevelEnum.Strong,
    });
    const found: number[] = [];
    for await (const batch of iterator) {
      found.push(...(batch as { id: string }[]).map(({ id }) => Number(id)));
      if (found.length === 5) {
        await rotateToItsEnd(secret);
      }
    }
    expect(found).toEqual(data.map(({ id }) => id));
    expect(client.credentials.counters.interruptions).toBe(1);
  });
});

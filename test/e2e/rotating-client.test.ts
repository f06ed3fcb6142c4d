import { inspect } from 'node:util';
import { ConsistencyLevelEnum, DataType } from '@zilliz/milvus2-sdk-node';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type CredentialEvent, createRotatingClient } from '../../client/index.ts';
import { newUserWithSecret, passwordsOf } from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { leakedForms } from '../support/password-forms.ts';
import { secretsManager, servers, uniqueName } from '../support/servers.ts';

/** continuity.test.ts proves that inserts and queries lose no call and no row. */
it('the client iterates over a collection through a rotation', async () => {
  const { secret } = await newUserWithSecret('tls', {}, ['admin']);
  await scheduleRotation([secret]);
  const events: CredentialEvent[] = [];
  const client = await createRotatingClient({
    secretId: secret.name,
    secretsManager: secretsManager(),
    config: { tls: { rootCert: Buffer.from(servers().access.milvus.tls.caPem ?? '') }, maxRetries: 0 },
    onEvent: (event) => events.push(event),
  });
  onTestFinished(() => client.close());
  const collection_name = uniqueName('iterated');
  const fields = [
    { name: 'id', data_type: DataType.Int64, is_primary_key: true },
    { name: 'vector', data_type: DataType.FloatVector, dim: 4 },
  ];
  // A proxy can learn of the role of a new user late.
  await vi.waitFor(() => client.createCollection({ collection_name, fields }), { timeout: 30_000, interval: 200 });
  await client.createIndex({ collection_name, field_name: 'vector', index_type: 'FLAT', metric_type: 'L2' });
  await client.loadCollectionSync({ collection_name });
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
      await secret.rotate();
    }
  }

  expect(found).toEqual(data.map(({ id }) => id));
  expect(client.credentials.counters.interruptions).toBe(1);
  expect(events.filter(({ type }) => type === 'recovered')).toHaveLength(1);
  const text = inspect([events, client.credentials], { depth: 9, showHidden: true, getters: true });
  expect(leakedForms(text, await passwordsOf(secret))).toEqual([]);
});

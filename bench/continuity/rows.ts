import { randomBytes } from 'node:crypto';
import { ConsistencyLevelEnum, DataType } from '@zilliz/milvus2-sdk-node';
import type { MilvusAccess } from '../../local/cloud/access.ts';
import { asRoot, expectSuccess } from '../../local/servers/milvus-client.ts';

const DIMENSION = 4;

export function rowOf(key: number): { key: number; vector: number[] } {
  return { key, vector: [key, 0, 0, 0] };
}

/** What an administrator finds in a collection, compared with what an application was told. */
export interface Audit {
  readonly confirmed: number;
  /** Confirmed inserts without a row. */
  readonly lost: number;
  /** Rows whose key another row has too. */
  readonly duplicates: number;
  /** Rows of inserts that were not confirmed, so that the application may insert them again. */
  readonly unconfirmed: number;
}

/** Creates a collection. Milvus chooses the primary key, so it does not merge two equal keys. */
export function createCollection(server: MilvusAccess): Promise<string> {
  return asRoot(server, async (root) => {
    const collection_name = `continuity_${randomBytes(6).toString('hex')}`;
    const fields = [
      { name: 'id', data_type: DataType.Int64, is_primary_key: true, autoID: true },
      { name: 'key', data_type: DataType.Int64 },
      { name: 'vector', data_type: DataType.FloatVector, dim: DIMENSION },
    ];
    expectSuccess('create a collection', await root.createCollection({ collection_name, fields }));
    const index = { collection_name, field_name: 'vector', index_type: 'FLAT', metric_type: 'L2' };
    expectSuccess('create an index', await root.createIndex(index));
    await root.loadCollectionSync({ collection_name });
    return collection_name;
  });
}

export async function dropCollection(server: MilvusAccess, collection_name: string): Promise<void> {
  await asRoot(server, (root) => root.dropCollection({ collection_name }));
}

/** Counts the rows of the application as an administrator. */
export async function audit(
  server: MilvusAccess,
  { collection, confirmed, keys }: { collection: string; confirmed: ReadonlySet<number>; keys: number },
): Promise<Audit> {
  const rows = await keysIn(server, collection, keys);
  const found = new Set(rows);
  return {
    confirmed: confirmed.size,
    lost: [...confirmed].filter((key) => !found.has(key)).length,
    duplicates: rows.length - found.size,
    unconfirmed: [...found].filter((key) => !confirmed.has(key)).length,
  };
}

/** Milvus answers with at most 16384 rows. A page has room for rows with equal keys. */
const [PAGE, LIMIT] = [8192, 16_384];

function keysIn(server: MilvusAccess, collection_name: string, below: number): Promise<number[]> {
  return asRoot(server, async (root) => {
    const keys: number[] = [];
    for (let from = 0; from < below; from += PAGE) {
      const { status, data } = await root.query({
        collection_name,
        filter: `key >= ${from} and key < ${from + PAGE}`,
        output_fields: ['key'],
        limit: LIMIT,
        consistency_level: ConsistencyLevelEnum.Strong,
      });
      expectSuccess('count the rows', status);
      if (data.length === LIMIT) {
        throw new Error(`The collection has at least ${LIMIT} rows with keys from ${from} to ${from + PAGE}.`);
      }
      keys.push(...data.map(({ key }) => Number(key)));
    }
    return keys;
  });
}

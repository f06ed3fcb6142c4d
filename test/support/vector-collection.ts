import { DataType, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { uniqueName } from './servers.ts';

/** Creates and loads a collection of points with two dimensions. @returns its name */
export async function createPoints(client: MilvusClient): Promise<string> {
  const collection_name = uniqueName('points');
  await client.createCollection({
    collection_name,
    fields: [
      { name: 'id', data_type: DataType.Int64, is_primary_key: true },
      { name: 'place', data_type: DataType.FloatVector, dim: 2 },
    ],
    index_params: [{ field_name: 'place', index_type: 'FLAT', metric_type: 'L2' }],
    consistency_level: 'Strong',
  });
  await client.loadCollectionSync({ collection_name });
  return collection_name;
}

import { Milvus } from '@langchain/community/vectorstores/milvus';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
// In your own app: from 'zilliz-secret-client'
import { createRotatingClient, type RotatingClientOptions } from '../../client/index.ts';

/**
 * A vector store of LangChain whose password rotates. Close `store.client` at the end.
 *
 * @example
 * const store = await rotatingVectorStore(embeddings, 'documents', { secretId: 'milvus/orders' });
 * await store.addDocuments([new Document({ pageContent: 'a chair', metadata: {} })]);
 */
export async function rotatingVectorStore(
  embeddings: EmbeddingsInterface,
  collectionName: string,
  options: RotatingClientOptions,
): Promise<Milvus> {
  const client = await createRotatingClient(options);
  // LangChain makes a client of its own. This option keeps it from connecting.
  const clientConfig = { address: client.config.address, __SKIP_CONNECT__: true };
  const store = new Milvus(embeddings, { collectionName, clientConfig });
  store.client = client;
  return store;
}

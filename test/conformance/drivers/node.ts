import { createRotatingClient, SecretStoreError } from '../../../client/index.ts';
import { isRefusal, makeCalls } from './calls.ts';

/** The driver of zilliz-secret-client. */
const { CA_FILE } = process.env;
const config = CA_FILE === undefined ? {} : { tls: { rootCertPath: CA_FILE } };

await makeCalls(
  (secretId) => createRotatingClient({ secretId, config }),
  (milvus) => milvus.listCollections(),
  (error) => {
    const { code } = error as { code?: unknown };
    const isUnavailable = error instanceof SecretStoreError || code === 14 || code === 4;
    return isRefusal(error) ? 'refused' : isUnavailable ? 'unavailable' : 'other';
  },
);

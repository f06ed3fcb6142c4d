import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { isRefusal, makeCalls } from './calls.ts';

/**
 * An application as people write it without a rotation in mind: after a refusal, it reads
 * AWSCURRENT and repeats the call once. The suite must find what it lacks.
 */
const secretsManager = new SecretsManager();
let milvus = await connect();

async function connect(): Promise<MilvusClient> {
  const { SecretString = '' } = await secretsManager.getSecretValue({ SecretId: process.env['SECRET_ID'] });
  const { endpoint, token } = JSON.parse(SecretString) as { endpoint: string; token: string };
  return new MilvusClient({ address: endpoint, token, logLevel: 'error', __SKIP_CONNECT__: true });
}

await makeCalls(
  async () => {
    try {
      return await milvus.listCollections();
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
      milvus = await connect();
      return await milvus.listCollections();
    }
  },
  (error) => (isRefusal(error) ? 'refused' : 'other'),
);

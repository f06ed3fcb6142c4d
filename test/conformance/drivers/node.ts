import { createInterface } from 'node:readline';
import { createRotatingClient, type RotatingMilvusClient, SecretStoreError } from '../../../client/index.ts';

/** The driver of zilliz-secret-client. See {@link Driver} in test/conformance/driver.ts. */
const { CA_FILE } = process.env;
const config = CA_FILE === undefined ? {} : { tls: { rootCertPath: CA_FILE } };
const clients = new Map<string, Promise<RotatingMilvusClient>>();

for await (const line of createInterface(process.stdin)) {
  const [secretId = '', word, count] = line.split(' ');
  const client = clients.get(secretId) ?? createRotatingClient({ secretId, config });
  clients.set(secretId, client);
  if (word === 'close') {
    // A client that could not be created fails its own case only.
    client.then((milvus) => milvus.close()).catch(() => undefined);
  }
  for (let started = 0; started < Number(count ?? 0); started++) {
    void makeCall(secretId, client);
  }
}
process.exit(0);

async function makeCall(secretId: string, client: Promise<RotatingMilvusClient>): Promise<void> {
  const outcome = await client
    .then((milvus) => milvus.listCollections())
    .then(
      () => 'ok',
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        return `failed ${kindOf(error)}`;
      },
    );
  process.stdout.write(`${secretId} ${outcome}\n`);
}

function kindOf(error: unknown): string {
  const { code, details } = error as { code?: unknown; details?: unknown };
  if (code === 16 && /auth check failure/.test(String(details))) {
    return 'refused';
  }
  return error instanceof SecretStoreError || code === 14 || code === 4 ? 'unavailable' : 'other';
}

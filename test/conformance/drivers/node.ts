import { createInterface } from 'node:readline';
import { createRotatingClient, SecretStoreError } from '../../../client/index.ts';

/** The driver of zilliz-secret-client. See {@link Driver} in test/conformance/driver.ts. */
const { SECRET_ID: secretId = '', CA_FILE } = process.env;
const config = CA_FILE === undefined ? {} : { tls: { rootCertPath: CA_FILE } };
const milvus = await createRotatingClient({ secretId, config });

function outcomeOf(error: unknown): string {
  process.stderr.write(`${String(error)}\n`);
  const { code, details } = error as { code?: unknown; details?: unknown };
  if (code === 16 && /auth check failure/.test(String(details))) {
    return 'failed refused';
  }
  return error instanceof SecretStoreError || code === 14 || code === 4 ? 'failed unavailable' : 'failed other';
}

async function call(): Promise<void> {
  const outcome = await milvus.listCollections().then(() => 'ok', outcomeOf);
  process.stdout.write(`${outcome}\n`);
}

process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  const [word, count] = line.split(' ');
  if (word === 'stop') {
    break;
  }
  await Promise.all(Array.from({ length: Number(count) }, call));
  process.stdout.write('done\n');
}
await milvus.close();
process.exit(0);

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { RotatingMilvus } from '../../../../examples/consume/node.ts';

/** Calls the cluster through the example for Node. Prints `ok`, or the failure, for each call. */
const [secretId = '', caFile = ''] = process.argv.slice(2);
const tls = caFile === '' ? {} : { tls: { rootCert: readFileSync(caFile) } };
const milvus = new RotatingMilvus(secretId, { ...tls, maxRetries: 0 });

async function callForEver(): Promise<never> {
  for (;;) {
    try {
      await milvus.use((client) => client.getVersion());
      process.stdout.write('ok\n');
    } catch (error) {
      process.stdout.write(`failed ${String(error)}\n`);
    }
    await wait(20);
  }
}

// Calls at the same time share the search for another credential.
await Promise.all([callForEver(), callForEver()]);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bundle } from '../../build/function-bundle.ts';
import type { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { clusterContract } from '../contract/cluster-contract.ts';
import { newClusterUser, servers, unusedEndpoint } from '../support/servers.ts';

/**
 * The adapter bundled as the function bundles it: the proof that no request needs a module that is
 * left out.
 */
let bundled: { createMilvusCluster: typeof createMilvusCluster };
const folder = mkdtempSync(join(tmpdir(), 'bundled-cluster-'));

beforeAll(async () => {
  const file = join(folder, 'index.js');
  writeFileSync(file, (await bundle('test/cluster/support/bundled-cluster.ts')).code);
  bundled = createRequire(import.meta.url)(file) as typeof bundled;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

for (const server of ['tls', 'plaintext'] as const) {
  clusterContract(`The bundled MilvusCluster (${server})`, async () => ({
    cluster: bundled.createMilvusCluster({ privateCa: servers().access.milvus[server].caPem }),
    user: await newClusterUser(server),
    unusedEndpoint: await unusedEndpoint(),
    admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
  }));
}

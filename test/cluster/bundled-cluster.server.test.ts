import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bundle } from '../../build/function-bundle.ts';
import type { connectCluster } from '../../cluster/connect-cluster.ts';
import { TRANSPORTS } from '../../cluster/transport.ts';
import { clusterContract } from '../contract/cluster-contract.ts';
import { unusedEndpoint } from '../support/loopback.ts';
import { newClusterUser, restEndpoint, servers } from '../support/servers.ts';

/**
 * The adapters, bundled as the function bundles them. Their tests prove that no request needs a
 * module that is left out.
 */
let bundled: { connectCluster: typeof connectCluster };
const folder = mkdtempSync(join(tmpdir(), 'bundled-cluster-'));

beforeAll(async () => {
  const file = join(folder, 'index.js');
  writeFileSync(file, (await bundle('cluster/connect-cluster.ts')).code);
  bundled = createRequire(import.meta.url)(file) as typeof bundled;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

for (const server of ['tls', 'plaintext'] as const) {
  for (const transport of TRANSPORTS) {
    clusterContract(`The bundled adapter (${transport}, ${server})`, async () => {
      const user = await newClusterUser(server);
      return {
        cluster: bundled.connectCluster(transport, { privateCa: servers().access.milvus[server].caPem }),
        user: transport === 'rest' ? { ...user, endpoint: restEndpoint(server) } : user,
        unusedEndpoint: await unusedEndpoint(),
        admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
      };
    });
  }
}

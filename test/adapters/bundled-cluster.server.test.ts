import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { connectCluster } from '../../adapters/connect-cluster.ts';
import { bundle } from '../../build/function-bundle.ts';
import type { MilvusName } from '../../local/cloud/access.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { TRANSPORTS, type Transport } from '../../protocol/cluster/endpoint.ts';
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
  writeFileSync(file, (await bundle('adapters/connect-cluster.ts')).code);
  bundled = createRequire(import.meta.url)(file) as typeof bundled;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function userOf(server: MilvusName, transport: Transport, roles?: readonly string[]): Promise<Credentials> {
  const user = await newClusterUser(server, roles);
  return transport === 'rest' ? { ...user, endpoint: restEndpoint(server) } : user;
}

// The REST server of the local cloud imitates Milvus 2.6.
for (const transport of TRANSPORTS) {
  for (const server of ['tls', 'plaintext'] as const) {
    clusterContract(`The bundled adapter (${transport}, ${server})`, async () => ({
      cluster: bundled.connectCluster(transport, { privateCa: servers().access.milvus[server].caPem }),
      user: await userOf(server, transport),
      unusedEndpoint: await unusedEndpoint(),
      // The TLS server has no super users, which is Milvus's default: it asks even root for the
      // old password.
      admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
    }));
  }

  it(`the bundled adapter (${transport}) tells the roles of the user`, async () => {
    const cluster = bundled.connectCluster(transport, {});
    for (const roles of [[], ['admin']]) {
      const user = await userOf('plaintext', transport, roles);
      expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles });
    }
  });
}

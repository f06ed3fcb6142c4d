import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createMilvusCluster } from '../../../adapters/grpc/milvus-cluster.ts';
import { makeServerCertificate } from '../../../local/milvus/certificates.ts';
import { createClusterUser } from '../../../local/milvus/milvus-client.ts';
import { startMilvus } from '../../../local/milvus.ts';
import type { Cluster, Credentials } from '../../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { LOOPBACK } from '../../support/loopback.ts';
import { newPassword, secretsManager, servers } from '../../support/servers.ts';

export interface SelfHostedMilvus {
  readonly caFile: string;
  readonly user: Credentials;
  readonly cluster: Cluster;
  stop(): Promise<void>;
}

/**
 * Starts the Milvus that examples/cdk/self-hosted.ts describes: its certificate is from a private
 * CA, its user is `orders`, and the secret `milvus-admin` holds the credential of a super user. No
 * shared server has both TLS and a super user.
 */
export async function startSelfHostedMilvus(): Promise<SelfHostedMilvus> {
  const folder = mkdtempSync(join(servers().access.stateDir, 'self-hosted-'));
  const certificate = await makeServerCertificate(join(folder, 'certificates'));
  const milvus = await startMilvus({ dataDir: join(folder, 'milvus'), certificate, superUsers: ['root'] });
  const { endpoint, rootPassword } = milvus;
  const user = { endpoint: parseEndpoint(endpoint, LOOPBACK), username: 'orders', password: newPassword() };
  await createClusterUser(milvus, user);
  const SecretString = JSON.stringify({ endpoint, username: 'root', password: rootPassword });
  await secretsManager().createSecret({ Name: 'milvus-admin', SecretString });
  const cluster = createMilvusCluster({ privateCa: certificate.caPem });
  return { caFile: certificate.caFile, user, cluster, stop: () => milvus.stop() };
}

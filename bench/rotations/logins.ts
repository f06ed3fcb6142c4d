import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { createMilvusCluster } from '../../adapters/grpc/milvus-cluster.ts';
import { awsOptions } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { localEndpoint } from '../cloud/cloud-secret.ts';
import type { FleetSecret } from './fleet.ts';
import { inParallel } from './in-parallel.ts';

/** Logs in with AWSCURRENT of every secret, and with its password from before the rotation. */
export async function countLogins(
  cloud: AttachedCloud,
  secrets: readonly FleetSecret[],
): Promise<{ logins: number; loginsWithOldPassword: number }> {
  const aws = new SecretsManager(awsOptions(cloud.access));
  const cluster = createMilvusCluster({ privateCa: cloud.access.milvus.tls.caPem });
  const accepted = await inParallel(secrets, 2, async ({ name, server, username, password }) => {
    const endpoint = localEndpoint(cloud.access.milvus[server].endpoint);
    const { SecretString = '' } = await aws.getSecretValue({ SecretId: name });
    const current = await cluster.authenticates({ endpoint, username, password: parseDocument(SecretString).password });
    const old = await cluster.authenticates({ endpoint, username, password });
    return { current: current.kind === 'accepted', old: old.kind === 'accepted' };
  });
  aws.destroy();
  return {
    logins: accepted.filter(({ current }) => current).length,
    loginsWithOldPassword: accepted.filter(({ old }) => old).length,
  };
}

import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { createRotatingClient } from '../../client/index.ts';
import { awsOptions, type LocalCloudAccess } from '../../local/cloud/access.ts';
import type { MilvusAddress } from '../../local/servers/milvus-client.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { parseDocument } from '../../protocol/secret/document.ts';

export const CLIENTS = ['rotating', 'interval', 'failure', 'never'] as const;

/**
 * `rotating`: the client of this project. The others use the SDK's client as it is, and read
 * AWSCURRENT in intervals, after a refused call, or only at their start.
 */
export type ClientName = (typeof CLIENTS)[number];

/** How an application reaches the cluster. */
export interface ApplicationClient {
  call<T>(request: (milvus: MilvusClient) => Promise<T>): Promise<T>;
  /** The times at which the client replaced its credential because the cluster refused a call. */
  readonly replacements: readonly number[];
  /** Whether a client that reads in intervals has read the secret since. True for the others. */
  hasReadSince(time: number): boolean;
  close(): Promise<void>;
}

export interface ContinuityClientOptions {
  readonly access: LocalCloudAccess;
  readonly cluster: MilvusAddress;
  readonly secretId: string;
  /** The time between two reads of the client that reads in intervals. */
  readonly intervalMs: number;
}

export function connectClient(name: ClientName, options: ContinuityClientOptions): Promise<ApplicationClient> {
  return name === 'rotating' ? connectRotating(options) : connectPlain(name, options);
}

async function connectRotating({ access, cluster, secretId }: ContinuityClientOptions): Promise<ApplicationClient> {
  const replacements: number[] = [];
  const secretsManager = new SecretsManager(awsOptions(access));
  const milvus = await createRotatingClient({
    secretId,
    secretsManager,
    config: tlsOf(cluster),
    onEvent: (event) => {
      if (event.type === 'refreshed' && event.cause === 'refusal') {
        replacements.push(performance.now());
      }
    },
  });
  return {
    call: (request) => request(milvus),
    replacements,
    hasReadSince: () => true,
    close: async () => {
      await milvus.close();
      secretsManager.destroy();
    },
  };
}

function tlsOf({ caPem }: MilvusAddress): Pick<ClientConfig, 'tls'> {
  return caPem === undefined ? {} : { tls: { rootCert: Buffer.from(caPem) } };
}

const UNAUTHENTICATED = 16;

/** An application that makes a new client of the SDK when it has read another version. */
async function connectPlain(
  name: ClientName,
  { access, cluster, secretId, intervalMs }: ContinuityClientOptions,
): Promise<ApplicationClient> {
  const secretsManager = new SecretsManager(awsOptions(access));
  // With the label, so that a fault of reads by label strikes this client too.
  const readSecret = () => secretsManager.getSecretValue({ SecretId: secretId, VersionStage: 'AWSCURRENT' });
  let current = await readSecret();
  let milvus = connectMilvus(cluster, current.SecretString);
  // Calls may still run on the earlier clients.
  const clients = [milvus];
  let lastRead = performance.now();
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const began = performance.now();
    const next = await readSecret();
    lastRead = began;
    if (next.VersionId !== current.VersionId) {
      current = next;
      milvus = connectMilvus(cluster, next.SecretString);
      clients.push(milvus);
    }
  };
  /** Keeps its client if Secrets Manager does not answer, as an application does. */
  const readOnce = (): void => {
    reading ??= read()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
  };

  const timer = name === 'interval' ? setInterval(readOnce, intervalMs) : undefined;
  return {
    call: async (request) => {
      try {
        return await request(milvus);
      } catch (error) {
        if (name === 'failure' && (error as { code?: unknown }).code === UNAUTHENTICATED) {
          readOnce();
        }
        throw error;
      }
    },
    replacements: [],
    hasReadSince: (time) => name !== 'interval' || lastRead > time,
    close: async () => {
      clearInterval(timer);
      await reading;
      await Promise.all(clients.map((client) => client.closeConnection()));
      secretsManager.destroy();
    },
  };
}

function connectMilvus(cluster: MilvusAddress, value = ''): MilvusClient {
  const milvus = new MilvusClient({
    ...tlsOf(cluster),
    address: cluster.endpoint,
    token: tokenOf(parseDocument(value)),
    logLevel: 'error',
  });
  // A refused password would otherwise end the process. The calls of the application report it.
  milvus.connectPromise.catch(() => undefined);
  return milvus;
}

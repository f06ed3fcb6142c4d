import { setTimeout as wait } from 'node:timers/promises';
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

interface Connection {
  readonly milvus: MilvusClient;
  readonly versionId: string | undefined;
  readonly calls: Set<Promise<unknown>>;
}

const UNAUTHENTICATED = 16;

/** An application that makes a new client of the SDK when it has read another version. */
async function connectPlain(name: ClientName, options: ContinuityClientOptions): Promise<ApplicationClient> {
  const secretsManager = new SecretsManager(awsOptions(options.access));
  const closing = new AbortController();
  const { signal } = closing;
  let connection = await readConnection(options, secretsManager, signal);
  let lastRead = performance.now();
  let reading: Promise<void> | undefined;

  /** Keeps its connection if Secrets Manager does not answer, as an application does. */
  const read = async (): Promise<void> => {
    const began = performance.now();
    const used = connection;
    const next = await readConnection(options, secretsManager, signal, used).catch(() => undefined);
    if (next !== undefined) {
      lastRead = began;
      if (next !== used) {
        connection = next;
        void closeAfterCalls(used);
      }
    }
  };

  const readInIntervals = async (): Promise<void> => {
    while (!signal.aborted) {
      await wait(options.intervalMs, undefined, { signal }).catch(() => undefined);
      reading = read();
      await reading;
    }
  };

  if (name === 'interval') {
    void readInIntervals();
  }
  return {
    call: async (request) => {
      const { milvus, calls } = connection;
      const call = request(milvus);
      calls.add(call);
      try {
        return await call;
      } catch (error) {
        if (name === 'failure' && (error as { code?: unknown }).code === UNAUTHENTICATED) {
          reading ??= read().finally(() => {
            reading = undefined;
          });
        }
        throw error;
      } finally {
        calls.delete(call);
      }
    },
    replacements: [],
    hasReadSince: (time) => name !== 'interval' || lastRead > time,
    close: async () => {
      closing.abort();
      await reading;
      await closeAfterCalls(connection);
      secretsManager.destroy();
    },
  };
}

/** @returns the connection in use if AWSCURRENT is still on its version. */
async function readConnection(
  { cluster, secretId }: ContinuityClientOptions,
  secretsManager: SecretsManager,
  abortSignal: AbortSignal,
  used?: Connection,
): Promise<Connection> {
  const input = { SecretId: secretId, VersionStage: 'AWSCURRENT' };
  const { VersionId: versionId, SecretString = '' } = await secretsManager.getSecretValue(input, { abortSignal });
  if (used !== undefined && used.versionId === versionId) {
    return used;
  }
  const milvus = new MilvusClient({
    ...tlsOf(cluster),
    address: cluster.endpoint,
    token: tokenOf(parseDocument(SecretString)),
    logLevel: 'error',
  });
  // A refused password would otherwise end the process. The calls of the application report it.
  milvus.connectPromise.catch(() => undefined);
  return { milvus, versionId, calls: new Set() };
}

async function closeAfterCalls({ milvus, calls }: Connection): Promise<void> {
  await Promise.allSettled(calls);
  await milvus.closeConnection();
}

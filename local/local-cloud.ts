import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type KeyCloud, startKeyCloud } from './api-keys/key-cloud.ts';
import type { LocalCloudAccess, MilvusAccess } from './cloud/access.ts';
import { type Deployment, deploy } from './cloud/cdk.ts';
import { claim } from './cloud/claim.ts';
import { advanceClock } from './cloud/emulator-control.ts';
import { removeFiles, removeState, writeEnvironmentFile, writeRecord } from './cloud/state.ts';
import { makeServerCertificate } from './servers/certificates.ts';
import { startEmulator } from './servers/emulator.ts';
import { type MilvusServer, startMilvus } from './servers/milvus.ts';
import { type RestServer, startRestServer } from './servers/rest-server.ts';

/** The operations on a running local cloud, also from a process that did not start it. */
export interface AttachedCloud {
  readonly access: LocalCloudAccess;
  /** Deploys the stack of this project with the real `cdk deploy`. See {@link deploy}. */
  deploy(configuration: string, signal?: AbortSignal): Promise<Deployment>;
  /**
   * Moves the emulator's clock forward.
   * @returns The ARNs of the secrets whose rotation started.
   */
  advanceClock(seconds: number): Promise<string[]>;
}

export interface LocalCloud extends AttachedCloud, Pick<KeyCloud, 'createKey'> {
  /** Resolves when the emulator or a Milvus has ended, with how. */
  readonly serverEnded: Promise<string>;
  /** Stops all servers, waits until they are gone, and deletes the state folder. */
  stop(): Promise<void>;
}

/**
 * Starts an AWS emulator and two real Milvus servers, one with TLS and one without, each with REST
 * v2, and a cluster that accepts API keys. Waits until all answer. The servers end when this
 * process ends, also by SIGKILL. Several clouds can run at the same time, each in a state folder of
 * its own.
 *
 * @param folder For this cloud only. It is emptied at the start and deleted at the end.
 * @throws Error if another cloud uses the folder, or a server does not start. The folder stays
 * until the next start, because it holds the logs.
 */
export async function startLocalCloud(folder: string): Promise<LocalCloud> {
  const stateDir = resolve(folder);
  const release = await claim(stateDir);
  if (release === undefined) {
    throw new Error(`A local cloud is running in ${stateDir}. Stop that cloud, or use another folder.`);
  }
  try {
    mkdirSync(dirname(stateDir), { recursive: true });
    writeRecord(stateDir, { ownerPid: process.pid });
    removeFiles(stateDir);
    mkdirSync(stateDir, { mode: 0o700 });
    const { access, createKey, serverEnded, servers } = await startServers(stateDir);
    const stop = async (): Promise<void> => {
      await Promise.all(servers.map((server) => server.stop()));
      removeState(stateDir);
      await release();
    };
    return { ...attachLocalCloud(access), createKey, serverEnded, stop };
  } catch (error) {
    await release();
    throw error;
  }
}

/** On the server without TLS, root can reset a password without the old password. */
const SUPER_USERS = ['root'];

async function startServers(stateDir: string): Promise<{
  access: LocalCloudAccess;
  createKey: KeyCloud['createKey'];
  serverEnded: Promise<string>;
  servers: readonly { stop(): Promise<void> }[];
}> {
  const certificate = await makeServerCertificate(join(stateDir, 'certificates'));
  const started = await Promise.all([
    startEmulator({ dataDir: join(stateDir, 'aws') }),
    startMilvus({ dataDir: join(stateDir, 'milvus-tls'), certificate }),
    startMilvus({ dataDir: join(stateDir, 'milvus-plaintext'), superUsers: SUPER_USERS }),
  ]);
  const [emulator, tls, plaintext] = started;
  const restTls = await startRestServer({ milvus: tls, certificate });
  const restPlaintext = await startRestServer({ milvus: plaintext, superUsers: SUPER_USERS });
  const keyCloud = await startKeyCloud(plaintext);
  const { controlPlaneUrl, managerKey, createKey, endpoint, restEndpoint } = keyCloud;
  const access: LocalCloudAccess = {
    stateDir,
    awsUrl: emulator.url,
    milvus: { tls: accessTo(tls, restTls), plaintext: accessTo(plaintext, restPlaintext) },
    apiKeys: { controlPlaneUrl, managerKey, endpoint, restEndpoint },
    caFile: certificate.caFile,
  };
  writeEnvironmentFile(access);
  writeRecord(stateDir, { ownerPid: process.pid, access });
  const serverEnded = Promise.race(started.map(({ exited }) => exited));
  return { access, createKey, serverEnded, servers: [...started, restTls, restPlaintext, { stop: keyCloud.close }] };
}

/** Connects to a local cloud that another process started. */
export function attachLocalCloud(access: LocalCloudAccess): AttachedCloud {
  return {
    access,
    deploy: (configuration, signal) => deploy(access, configuration, signal),
    advanceClock: (seconds) => advanceClock(access, seconds),
  };
}

function accessTo({ endpoint, caPem, rootPassword }: MilvusServer, rest: RestServer): MilvusAccess {
  return { endpoint, rootPassword, restEndpoint: rest.endpoint, ...(caPem === undefined ? {} : { caPem }) };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LocalCloudAccess, MilvusAccess, MilvusName } from './cloud/access.ts';
import { type Deployment, deploy } from './cloud/cdk.ts';
import { claim } from './cloud/claim.ts';
import { advanceClock } from './cloud/clock.ts';
import { type ClusterUser, createClusterUser } from './cloud/cluster-user.ts';
import { environmentFile } from './cloud/environment-file.ts';
import { writeRecord } from './cloud/record.ts';
import { environmentFileOf, removeState } from './cloud/state.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts';
import { makeServerCertificate } from './milvus/certificates.ts';
import { type MilvusServer, startMilvus } from './milvus.ts';
import { identifyProcess, type ProcessIdentity } from './process/process-identity.ts';

/** What can be done with a running local cloud, whoever started it. */
export interface AttachedCloud {
  readonly access: LocalCloudAccess;
  /** Deploys the project's stack with the real `cdk deploy`. See {@link deploy}. */
  deploy(configuration: string, signal?: AbortSignal): Promise<Deployment>;
  createClusterUser(server: MilvusName, user: ClusterUser): Promise<void>;
  /** Moves the emulator's clock forward. @returns ARNs of the secrets whose rotation has started. */
  advanceClock(seconds: number): Promise<string[]>;
}

export interface LocalCloud extends AttachedCloud {
  /** Ends all servers, waits until they are gone, and removes what they wrote. */
  stop(): Promise<void>;
}

export interface LocalCloudOptions {
  /** Belongs to this cloud alone: it is emptied at the start and removed at the end. */
  readonly stateDir: string;
  readonly emulator?: Omit<EmulatorOptions, 'dataDir'>;
  /** Ports of the Milvus servers. @default free ones */
  readonly milvusPorts?: Partial<Readonly<Record<MilvusName, number>>>;
}

/**
 * Starts an AWS emulator and two real Milvus servers, one with TLS and one without, and waits until all three answer.
 * Several clouds run side by side, each with a state folder of its own. Their servers end with this process, however
 * it ends.
 *
 * @throws Error when the folder is in use, or a server does not start. Nothing is left running then, and the folder stays
 * for its logs until the next start.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const stateDir = resolve(options.stateDir);
  const release = await claim(stateDir);
  if (release === undefined) {
    throw new Error(`A local cloud is running in ${stateDir}. Stop it first, or use another folder.`);
  }
  try {
    await removeState(stateDir);
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeRecord(stateDir, { owner: identified(process.pid) });
    const { access, servers } = await startServers(stateDir, options);
    const stop = async (): Promise<void> => {
      await Promise.all(servers.map((server) => server.stop()));
      await removeState(stateDir);
      await release();
    };
    return { ...attachLocalCloud(access), stop };
  } catch (error) {
    await release();
    throw error;
  }
}

async function startServers(
  stateDir: string,
  options: LocalCloudOptions,
): Promise<{ access: LocalCloudAccess; servers: readonly { stop(): Promise<void> }[] }> {
  const certificate = await makeServerCertificate(join(stateDir, 'certificates'));
  const milvus = (name: MilvusName): Promise<MilvusServer> => {
    const port = options.milvusPorts?.[name];
    return startMilvus({
      dataDir: join(stateDir, `milvus-${name}`),
      ...(port === undefined ? {} : { port }),
      // One server each way: whether an admin may reset a password without the old one is the server's setting.
      ...(name === 'tls' ? { certificate } : { superUsers: ['root'] }),
    });
  };
  const servers = await allOrNone([
    startEmulator({ ...options.emulator, dataDir: join(stateDir, 'aws') }),
    milvus('tls'),
    milvus('plaintext'),
  ]);
  const [emulator, tls, plaintext] = servers;
  const access: LocalCloudAccess = {
    stateDir,
    awsUrl: emulator.url,
    milvus: { tls: accessTo(tls), plaintext: accessTo(plaintext) },
    caFile: certificate.caFile,
  };
  writeRecord(stateDir, {
    owner: identified(process.pid),
    running: { access, emulator: identified(emulator.pid), milvus: [tls.process, plaintext.process] },
  });
  writeFileSync(environmentFileOf(stateDir), environmentFile(access), { mode: 0o600 });
  return { access, servers };
}

/** For a process that did not start the cloud. */
export function attachLocalCloud(access: LocalCloudAccess): AttachedCloud {
  return {
    access,
    deploy: (configuration, signal) => deploy(access, configuration, signal),
    createClusterUser: (server, user) => createClusterUser(access.milvus[server], user),
    advanceClock: (seconds) => advanceClock(access, seconds),
  };
}

function accessTo({ endpoint, caPem, rootPassword }: MilvusServer): MilvusAccess {
  return { endpoint, rootPassword, ...(caPem === undefined ? {} : { caPem }) };
}

function identified(pid: number): ProcessIdentity {
  const identity = identifyProcess(pid);
  if (identity === undefined) {
    throw new Error(`Process ${pid} ended as soon as it was ready.`);
  }
  return identity;
}

type Started = readonly [Promise<Emulator>, Promise<MilvusServer>, Promise<MilvusServer>];

/** Waits for all, so that after a failure none is started behind our back, and stops those that did start. */
async function allOrNone(starts: Started): Promise<[Emulator, MilvusServer, MilvusServer]> {
  try {
    return await Promise.all(starts);
  } catch (error) {
    const settled = await Promise.allSettled(starts);
    await Promise.all(settled.filter((start) => start.status === 'fulfilled').map((start) => start.value.stop()));
    throw error;
  }
}

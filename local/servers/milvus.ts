import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MILVUS_SERVER, SERVERS_PYTHON } from '../project.ts';
import type { ServerCertificate } from './certificates.ts';
import { expectSuccess, logInWithToken, type MilvusAddress, withLocalMilvus } from './milvus-client.ts';
import { configureMilvus, INNER_PORTS, type MilvusConfiguration } from './milvus-configuration.ts';
import { freePorts } from './ports.ts';
import { lastLines, type ServiceProcess, startService, untilReady } from './service-process.ts';

export interface MilvusOptions {
  /** A new folder for everything that the server writes. */
  readonly dataDir: string;
  /**
   * Switches plain text off and TLS on, at `https://localhost`.
   * @default plain text at `http://127.0.0.1`
   */
  readonly certificate?: ServerCertificate;
  /**
   * Users who can set every user's password without the old password.
   * @default none, the default of Milvus
   */
  readonly superUsers?: readonly string[];
}

export interface MilvusServer extends MilvusAddress {
  /** The password of user `root`. */
  readonly rootPassword: string;
  /** Resolves when the server has ended. */
  readonly exited: Promise<void>;
  /** Stops the server and waits until it is gone. The data folder stays. */
  stop(): Promise<void>;
}

/** Short, because a normal stop saves nothing that is needed, and sometimes hangs. */
const STOP_WITHIN_MS = 2_000;
const READY_WITHIN_MS = 60_000;
const RUN_WITH_PARENT = join(import.meta.dirname, 'run_with_parent.py');
/** More than one, because another process can take a free port before Milvus does. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a real Milvus 2.3.5 with authorization on, and waits until root can log in. The server
 * ends when this process ends.
 *
 * @throws Error if the server is not installed or not ready within a minute. No server runs after
 * an error.
 */
export async function startMilvus(options: MilvusOptions): Promise<MilvusServer> {
  if (!existsSync(MILVUS_SERVER)) {
    throw new Error(`There is no Milvus server in ${MILVUS_SERVER}. Run: node local/setup.mjs`);
  }
  for (let attempt = 1; ; attempt++) {
    const server = await attemptStart(options);
    if (server !== 'port-taken') {
      return server;
    }
    if (attempt === PORT_ATTEMPTS) {
      throw new Error(`In ${attempt} attempts, one of Milvus's ports was taken. ${lastLines(logOf(options))}`);
    }
  }
}

async function attemptStart(options: MilvusOptions): Promise<MilvusServer | 'port-taken'> {
  const dataDir = resolve(options.dataDir);
  const [port = 0, ...innerPorts] = await freePorts(INNER_PORTS + 1);
  const configuration = configureMilvus({
    dataDir,
    port,
    innerPorts,
    superUsers: options.superUsers ?? [],
    tls: options.certificate,
  });
  const address: MilvusAddress = options.certificate
    ? { endpoint: `https://localhost:${port}`, caPem: options.certificate.caPem }
    : { endpoint: `http://127.0.0.1:${port}` };
  const service = await launch(dataDir, configuration);
  try {
    const isReady = async () => (await isHealthy(configuration.metricsPort)) && (await answersRoot(address));
    const failure = await untilReady(service, isReady, READY_WITHIN_MS);
    if (failure !== undefined) {
      const log = await readFile(logOf(options), 'utf8');
      if (service.ended() !== undefined && log.includes('address already in use')) {
        return 'port-taken';
      }
      throw new Error(`Milvus ${failure}. ${lastLines(logOf(options))}`);
    }
    const rootPassword = await replaceRootPassword(address);
    return { ...address, rootPassword, exited: service.exited, stop: () => stopMilvus(service) };
  } catch (error) {
    await stopMilvus(service);
    throw error;
  }
}

async function stopMilvus(service: ServiceProcess): Promise<void> {
  await service.stop(STOP_WITHIN_MS);
  // Milvus writes this file outside of its data folder and has no setting for the place.
  await rm(`/tmp/milvus/server_id_${service.pid}`, { force: true });
}

async function launch(dataDir: string, configuration: MilvusConfiguration): Promise<ServiceProcess> {
  const configs = join(dataDir, 'configs');
  for (const folder of [configs, join(dataDir, 'logs'), join(dataDir, 'run')]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await writeFile(join(configs, 'milvus.yaml'), configuration.milvusYaml);
  await writeFile(join(configs, 'etcd.yaml'), configuration.etcdYaml);
  await copyFile(join(MILVUS_SERVER, 'glog.conf'), join(configs, 'glog.conf'));
  return startService({
    command: SERVERS_PYTHON,
    args: ['-IS', RUN_WITH_PARENT, String(process.pid), join(MILVUS_SERVER, 'milvus'), 'run', 'standalone'],
    cwd: dataDir,
    env: {
      PATH: '/usr/bin:/bin',
      DEPLOY_MODE: 'STANDALONE',
      MILVUSCONF: configs,
      MILVUS_RUN_DIR: join(dataDir, 'run'),
      METRICS_PORT: String(configuration.metricsPort),
      ETCD_CONFIG_PATH: join(configs, 'etcd.yaml'),
    },
    logFile: join(dataDir, 'logs', 'milvus.log'),
  });
}

/** The password of root in a new Milvus. */
const FACTORY_PASSWORD = 'Milvus';

/** The health check of a busy Milvus can succeed before its proxy answers. */
async function answersRoot(address: MilvusAddress): Promise<boolean> {
  try {
    return (await logInWithToken(address, `root:${FACTORY_PASSWORD}`)) === 'accepted';
  } catch {
    return false;
  }
}

/** Gives root a random password, because Milvus listens on every address of the machine. */
async function replaceRootPassword(address: MilvusAddress): Promise<string> {
  const newPassword = randomBytes(24).toString('base64url');
  await withLocalMilvus(address, `root:${FACTORY_PASSWORD}`, async (client) => {
    const answer = await client.updateUser({ username: 'root', oldPassword: FACTORY_PASSWORD, newPassword });
    expectSuccess("change root's password", answer);
  });
  await withLocalMilvus(address, `root:${newPassword}`, async (client) => {
    expectSuccess('list its users', (await client.listUsers()).status);
  });
  return newPassword;
}

function logOf(options: MilvusOptions): string {
  return join(resolve(options.dataDir), 'logs', 'milvus.log');
}

async function isHealthy(metricsPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/healthz`, { signal: AbortSignal.timeout(1_000) });
    return answer.ok && (await answer.text()).includes('OK');
  } catch {
    return false;
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MILVUS_SERVER } from '../project.ts';
import type { ServerCertificate } from './certificates.ts';
import { expectSuccess, logInWithToken, type MilvusAddress, setPassword, withLocalMilvus } from './milvus-client.ts';
import { configureMilvus, INNER_PORTS, type MilvusConfiguration } from './milvus-configuration.ts';
import { freePorts } from './ports.ts';
import { type Service, startService } from './service-process.ts';

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

/** The data folder of a stopped server stays. */
export interface MilvusServer extends MilvusAddress, Pick<Service, 'exited' | 'stop'> {
  /** The password of user `root`. */
  readonly rootPassword: string;
}

/** Milvus writes there, outside of its data folder, and has no setting for the place. */
const RUNTIME = '/tmp/milvus';

/** Where root's Milvus has the file of its process. Other users have it in {@link RUNTIME}. */
const ROOT_RUNTIME = '/run/milvus';

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
    try {
      return await attemptStart(options);
    } catch (error) {
      const log = await readFile(join(options.dataDir, 'logs', 'milvus.log'), 'utf8').catch(() => '');
      if (attempt === PORT_ATTEMPTS || !log.includes('address already in use')) {
        throw error;
      }
    }
  }
}

async function attemptStart(options: MilvusOptions): Promise<MilvusServer> {
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
  const service = await launch(dataDir, configuration, address);
  const stop = async (): Promise<void> => {
    await service.stop();
    const pidFile = `standalone-${configuration.metricsPort}.pid`;
    for (const path of [`${RUNTIME}/server_id_${service.pid}`, `${RUNTIME}/${pidFile}`, `${ROOT_RUNTIME}/${pidFile}`]) {
      await rm(path, { force: true });
    }
  };
  try {
    return { ...address, rootPassword: await replaceRootPassword(address), exited: service.exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function launch(dataDir: string, configuration: MilvusConfiguration, address: MilvusAddress): Promise<Service> {
  const configs = join(dataDir, 'configs');
  for (const folder of [configs, join(dataDir, 'logs')]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await mkdir(RUNTIME, { recursive: true });
  // As /tmp, so that every user of the machine can start Milvus. Only the owner may do this.
  await chmod(RUNTIME, 0o1777).catch(() => undefined);
  await writeFile(join(configs, 'milvus.yaml'), configuration.milvusYaml);
  await writeFile(join(configs, 'etcd.yaml'), configuration.etcdYaml);
  await copyFile(join(MILVUS_SERVER, 'glog.conf'), join(configs, 'glog.conf'));
  return startService({
    name: 'Milvus',
    // With an alias, the file of the process has a name of its own, so that two users can each run
    // one.
    command: [
      ...['/usr/bin/env', `LD_LIBRARY_PATH=${MILVUS_SERVER}`, join(MILVUS_SERVER, 'milvus')],
      ...['run', 'standalone', '-alias', String(configuration.metricsPort)],
    ],
    cwd: dataDir,
    env: {
      PATH: '/usr/bin:/bin',
      DEPLOY_MODE: 'STANDALONE',
      MILVUSCONF: configs,
      METRICS_PORT: String(configuration.metricsPort),
      ETCD_CONFIG_PATH: join(configs, 'etcd.yaml'),
    },
    logFile: join(dataDir, 'logs', 'milvus.log'),
    isReady: async () => (await isHealthy(configuration.metricsPort)) && (await answersRoot(address)),
    readyWithinMs: 60_000,
    // Short, because a normal stop saves nothing that is needed, and sometimes hangs.
    stopWithinMs: 2_000,
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
  await setPassword(address, { username: 'root', password: FACTORY_PASSWORD }, newPassword);
  await withLocalMilvus(address, `root:${newPassword}`, async (client) => {
    expectSuccess('list its users', (await client.listUsers()).status);
  });
  return newPassword;
}

async function isHealthy(metricsPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/healthz`, { signal: AbortSignal.timeout(1_000) });
    return answer.ok && (await answer.text()).includes('OK');
  } catch {
    return false;
  }
}

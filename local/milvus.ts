import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerCertificate } from './milvus/certificates.ts';
import { configureMilvus, INNER_PORTS, type MilvusConfiguration } from './milvus/configuration.ts';
import type { MilvusAddress } from './milvus/milvus-client.ts';
import { ownRootPassword } from './milvus/root-password.ts';
import { freePorts, isPortFree } from './process/free-ports.ts';
import type { ProcessIdentity } from './process/process-identity.ts';
import { lastLines, type ServiceProcess, startService } from './process/service-process.ts';
import { stopProcess } from './process/stop-process.ts';
import { MILVUS_SERVER, SERVERS_PYTHON } from './project.ts';

export interface MilvusOptions {
  /** Everything that the server writes. A folder that an earlier server left is carried on with, users and all. */
  readonly dataDir: string;
  /** @default a free one */
  readonly port?: number;
  /** Makes the server speak TLS, and nothing but TLS, at `https://localhost`. @default plain text at `http://127.0.0.1` */
  readonly certificate?: ServerCertificate;
  /** Users who may set anybody's password without the old one. @default none, as Milvus has it */
  readonly superUsers?: readonly string[];
}

export interface MilvusServer extends MilvusAddress {
  readonly port: number;
  /** The password of user `root`, made for this data folder. */
  readonly rootPassword: string;
  readonly process: ProcessIdentity;
  /** Ends the server and waits until it is gone. Its data stay. It ends by itself when the process that started it ends. */
  stop(): Promise<void>;
}

/** Ending politely saves nothing that matters here, and now and then it hangs. */
const STOP_WITHIN_MS = 2_000;
const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
const RUN_WITH_PARENT = join(import.meta.dirname, 'milvus', 'run_with_parent.py');
/** Ports are looked for and then let go, so that somebody else may be faster. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a real Milvus 2.3.5 with authorization on and waits until root can log in.
 *
 * @throws Error when the server is not unpacked, the port is taken, or the server ends or stays silent for a minute;
 * nothing is left running then.
 */
export async function startMilvus(options: MilvusOptions): Promise<MilvusServer> {
  const template = await readFile(join(MILVUS_SERVER, 'config.yaml.template'), 'utf8').catch(() => {
    throw new Error(`There is no Milvus server in ${MILVUS_SERVER}. Run: npm run setup`);
  });
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new Error(`Port ${options.port} is taken. End what listens there, or let a free port be chosen.`);
  }
  for (let attempt = 1; ; attempt++) {
    const server = await attemptStart(template, options);
    if (server !== 'port-taken') {
      return server;
    }
    if (attempt === PORT_ATTEMPTS) {
      throw new Error(`Milvus found one of its ports taken, ${attempt} times in turn. ${lastLines(logOf(options))}`);
    }
  }
}

async function attemptStart(template: string, options: MilvusOptions): Promise<MilvusServer | 'port-taken'> {
  const dataDir = resolve(options.dataDir);
  const [freePort = 0, ...innerPorts] = await freePorts(INNER_PORTS + 1);
  const port = options.port ?? freePort;
  const configuration = configureMilvus(template, {
    dataDir,
    port,
    innerPorts,
    superUsers: options.superUsers ?? [],
    tls: options.certificate,
  });
  const service = await launch(dataDir, configuration);
  try {
    const fate = await untilHealthy(service, configuration.metricsPort, logOf(options));
    if (fate === 'port-taken') {
      return fate;
    }
    const address: MilvusAddress = options.certificate
      ? { endpoint: `https://localhost:${port}`, caPem: options.certificate.caPem }
      : { endpoint: `http://127.0.0.1:${port}` };
    const rootPassword = await ownRootPassword(address, dataDir);
    const stop = (): Promise<void> => stopMilvus(service.identity);
    return { ...address, port, rootPassword, process: service.identity, stop };
  } catch (error) {
    await stopMilvus(service.identity);
    throw error;
  }
}

/** Ends a server that may have been started by another process. */
export async function stopMilvus(server: ProcessIdentity): Promise<void> {
  await stopProcess(server, STOP_WITHIN_MS);
  // The one thing that it writes outside of its folder, at a place that cannot be configured.
  await rm(`/tmp/milvus/server_id_${server.pid}`, { force: true });
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

function logOf(options: MilvusOptions): string {
  return join(resolve(options.dataDir), 'logs', 'milvus.log');
}

async function untilHealthy(
  service: ServiceProcess,
  metricsPort: number,
  logFile: string,
): Promise<'healthy' | 'port-taken'> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const end = service.ended();
    if (end !== undefined) {
      const log = await readFile(logFile, 'utf8');
      if (log.includes('address already in use')) {
        return 'port-taken';
      }
      throw new Error(`Milvus ${end} before it was ready. ${lastLines(logFile)}`);
    }
    if (await isHealthy(metricsPort)) {
      return 'healthy';
    }
    await sleep(POLL_MS);
  }
  throw new Error(`Milvus was not ready within ${READY_WITHIN_MS / 1000} s. ${lastLines(logFile)}`);
}

async function isHealthy(metricsPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/healthz`, { signal: AbortSignal.timeout(1_000) });
    return answer.ok && (await answer.text()).includes('OK');
  } catch {
    return false;
  }
}

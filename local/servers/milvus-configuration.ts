/** The parts of Milvus that call each other. Each needs a port. */
const COMPONENTS = ['rootCoord', 'queryCoord', 'queryNode', 'indexNode', 'dataCoord', 'dataNode'] as const;

/** Ports beside the port for clients: of the proxy, etcd, its peers, metrics and each component. */
export const INNER_PORTS: number = COMPONENTS.length + 4;

const MAX_USERS = 10_000;

export interface MilvusSettings {
  readonly dataDir: string;
  readonly port: number;
  /** {@link INNER_PORTS} ports. */
  readonly innerPorts: readonly number[];
  /** Users who can set every user's password without the old password. */
  readonly superUsers: readonly string[];
  readonly tls: { readonly caFile: string; readonly certificateFile: string; readonly keyFile: string } | undefined;
}

export interface MilvusConfiguration {
  readonly milvusYaml: string;
  readonly etcdYaml: string;
  readonly metricsPort: number;
}

/** The files that a Milvus server reads. JSON is YAML. Every other setting has its default. */
export function configureMilvus({ dataDir, port, innerPorts, superUsers, tls }: MilvusSettings): MilvusConfiguration {
  const [internalPort, etcdPort, peerPort, metricsPort = 0, ...ports] = innerPorts;
  // The components announce this address to each other. The default is the machine's first network
  // card.
  const ip = '127.0.0.1';
  const milvus = {
    etcd: { endpoints: `${ip}:${etcdPort}`, use: { embed: true } },
    mq: { type: 'rocksmq' },
    rocksmq: { path: `${dataDir}/data/rocksmq` },
    localStorage: { path: `${dataDir}/data` },
    ...Object.fromEntries(COMPONENTS.map((component, index) => [component, { ip, port: ports[index] }])),
    // By default, Milvus 2.3.5 allows 100 users. The tests create more.
    proxy: { ip, port, internalPort, maxUserNum: MAX_USERS },
    tls: { serverPemPath: tls?.certificateFile, serverKeyPath: tls?.keyFile, caPemPath: tls?.caFile },
    common: {
      storageType: 'local',
      security: { authorizationEnabled: true, tlsMode: tls ? 1 : 0, superUsers: superUsers.join(',') },
      // A restarted server waits until the sessions of the previous server expire.
      session: { ttl: 10 },
    },
  };
  const [client, peer] = [etcdPort, peerPort].map((of) => `http://${ip}:${of}`);
  // The embedded etcd does not read its ports from milvus.yaml.
  const etcd = {
    name: 'default',
    'data-dir': `${dataDir}/data/etcd`,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'log-outputs': [`${dataDir}/logs/etcd.log`],
  };
  return { milvusYaml: JSON.stringify(milvus, null, 2), etcdYaml: JSON.stringify(etcd, null, 2), metricsPort };
}

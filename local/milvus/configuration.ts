/** Milvus's own template marks what varies as `{{ name(type): default }}`. */
const PLACEHOLDER = /\{\{\s*(\w+)(?:\(\w+\))?\s*(?::\s*([^}]*?))?\s*\}\}/g;

/** The template's names for the ports of its parts. Each needs one of its own, also those that nobody talks to. */
const PORT_NAMES = [
  'etcd_port',
  'root_coord_port',
  'proxy_internal_port',
  'query_coord_port',
  'query_node_port',
  'index_coord_port',
  'index_node_port',
  'data_coord_port',
  'data_node_port',
] as const;

/** All ports of a server but the one for its clients: its parts, etcd's peers, and metrics. */
export const INNER_PORTS: number = PORT_NAMES.length + 2;

export interface MilvusSettings {
  readonly dataDir: string;
  readonly port: number;
  /** {@link INNER_PORTS} of them. */
  readonly innerPorts: readonly number[];
  /** Users who may set anybody's password without the old one. */
  readonly superUsers: readonly string[];
  readonly tls: { readonly caFile: string; readonly certificateFile: string; readonly keyFile: string } | undefined;
}

export interface MilvusConfiguration {
  readonly milvusYaml: string;
  readonly etcdYaml: string;
  readonly metricsPort: number;
}

/**
 * The files that a server reads.
 *
 * @throws Error when the template names something that is not set: then it is not the one of Milvus 2.3.5.
 */
export function configureMilvus(template: string, settings: MilvusSettings): MilvusConfiguration {
  const [peerPort, metricsPort, ...parts] = settings.innerPorts;
  if (peerPort === undefined || metricsPort === undefined || parts.length !== PORT_NAMES.length) {
    throw new Error(`${settings.innerPorts.length} inner ports were given. Milvus needs ${INNER_PORTS}.`);
  }
  const values: Record<string, string | number> = {
    ...Object.fromEntries(PORT_NAMES.map((name, index) => [name, parts[index] ?? 0])),
    proxy_port: settings.port,
    etcd_log_path: `${settings.dataDir}/logs/etcd.log`,
    etcd_data_dir: `${settings.dataDir}/data/etcd`,
    local_storage_dir: `${settings.dataDir}/data`,
    rocksmq_data_dir: `${settings.dataDir}/data/rocksmq`,
    // Empty: the server's output goes to one file, ours.
    system_log_path: '',
    authorization_enabled: 'true',
    tls_mode: settings.tls ? 1 : 0,
    server_pem_path: settings.tls?.certificateFile ?? '',
    server_key_path: settings.tls?.keyFile ?? '',
    ca_pem_path: settings.tls?.caFile ?? '',
  };
  const milvusYaml = template
    .replace(PLACEHOLDER, (_, name: string, preset: string | undefined) => {
      const value = values[name] ?? preset;
      if (value === undefined) {
        throw new Error(
          `Milvus's configuration template asks for ${name}, which Milvus 2.3.5 does not. Run: npm run setup`,
        );
      }
      return String(value);
    })
    // The parts find one another by the address that they announce: loopback, not the machine's first network card.
    .replace(/^ {2}ip:.*$/gm, '  ip: 127.0.0.1')
    .replaceAll('localhost:', '127.0.0.1:')
    .replace(/^ {4}# superUsers: root$/m, `    superUsers: ${settings.superUsers.join(',')}`)
    // A server that is started again on its data waits until its predecessor's sessions have run out.
    .replace(/^ {4}ttl: 30\b/m, '    ttl: 10');
  return { milvusYaml, etcdYaml: etcdYaml(settings.dataDir, Number(values['etcd_port']), peerPort), metricsPort };
}

/** The embedded etcd does not read its port from milvus.yaml. */
function etcdYaml(dataDir: string, clientPort: number, peerPort: number): string {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    'name: default',
    `data-dir: ${JSON.stringify(`${dataDir}/data/etcd`)}`,
    `listen-client-urls: ${client}`,
    `advertise-client-urls: ${client}`,
    `listen-peer-urls: ${peer}`,
    `initial-advertise-peer-urls: ${peer}`,
    `initial-cluster: default=${peer}`,
    `log-outputs: [${JSON.stringify(`${dataDir}/logs/etcd.log`)}]`,
    '',
  ].join('\n');
}

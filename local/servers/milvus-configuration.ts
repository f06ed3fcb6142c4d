/** A variable in the template of Milvus: `{{ name(type): default }}`. */
const PLACEHOLDER = /\{\{\s*(\w+)(?:\(\w+\))?\s*(?::\s*([^}]*?))?\s*\}\}/g;

/** The variables for the ports of Milvus's components. Each component needs a port. */
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

/** Ports beside the port for clients: one for each component, etcd's peer port, and metrics. */
export const INNER_PORTS: number = PORT_NAMES.length + 2;

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

/**
 * Renders the files that a Milvus server reads.
 *
 * @throws Error if the template has an unknown variable without a default. The template of 2.3.5
 * has none.
 */
export function configureMilvus(template: string, settings: MilvusSettings): MilvusConfiguration {
  const [peerPort, metricsPort, ...parts] = settings.innerPorts;
  if (peerPort === undefined || metricsPort === undefined || parts.length !== PORT_NAMES.length) {
    throw new Error(`innerPorts has ${settings.innerPorts.length} ports. Milvus needs ${INNER_PORTS}.`);
  }
  const values: Record<string, string | number> = {
    ...Object.fromEntries(PORT_NAMES.map((name, index) => [name, parts[index] ?? 0])),
    proxy_port: settings.port,
    etcd_log_path: `${settings.dataDir}/logs/etcd.log`,
    etcd_data_dir: `${settings.dataDir}/data/etcd`,
    local_storage_dir: `${settings.dataDir}/data`,
    rocksmq_data_dir: `${settings.dataDir}/data/rocksmq`,
    // Empty, so the server logs to its standard output.
    system_log_path: '',
    authorization_enabled: 'true',
    tls_mode: settings.tls ? 1 : 0,
    server_pem_path: settings.tls?.certificateFile ?? '',
    server_key_path: settings.tls?.keyFile ?? '',
    ca_pem_path: settings.tls?.caFile ?? '',
  };
  const milvusYaml = template
    .replace(PLACEHOLDER, (_, name: string, defaultValue: string | undefined) => {
      const value = values[name] ?? defaultValue;
      if (value === undefined) {
        throw new Error(
          `Milvus's configuration template needs ${name}, unlike Milvus 2.3.5. Delete .local/venv. Run: npm run demo`,
        );
      }
      return String(value);
    })
    // The components announce this address to each other. The default is the machine's first
    // network card.
    .replace(/^ {2}ip:.*$/gm, '  ip: 127.0.0.1')
    .replaceAll('localhost:', '127.0.0.1:')
    .replace(/^ {4}# superUsers: root$/m, `    superUsers: ${settings.superUsers.join(',')}`)
    // By default, Milvus 2.3.5 allows 100 users. The tests create more.
    .replace(/^proxy:$/m, `proxy:\n  maxUserNum: ${MAX_USERS}`)
    // A restarted server waits until the sessions of the previous server expire.
    .replace(/^ {4}ttl: 30\b/m, '    ttl: 10');
  return { milvusYaml, etcdYaml: etcdYaml(settings.dataDir, Number(values['etcd_port']), peerPort), metricsPort };
}

/** The embedded etcd does not read its ports from milvus.yaml. */
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

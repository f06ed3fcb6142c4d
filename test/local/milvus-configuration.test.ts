import { describe, expect, test } from 'vitest';
import { configureMilvus, INNER_PORTS, type MilvusSettings } from '../../local/servers/milvus-configuration.ts';

const TEMPLATE = `etcd:
  endpoints: localhost:{{ etcd_port(int): 2379 }}
  level: {{ etcd_log_level: info }} # a comment
proxy:
  ip: # if not specified
  port: {{ proxy_port(int): 19530 }}
security:
    authorizationEnabled: {{ authorization_enabled(bool): false }}
    # superUsers: root
    tlsMode: {{ tls_mode(int): 0 }}
  session:
    ttl: 30 # seconds
`;

const SETTINGS: MilvusSettings = {
  dataDir: '/data',
  port: 21000,
  innerPorts: Array.from({ length: INNER_PORTS }, (_, index) => 22000 + index),
  tls: undefined,
  superUsers: [],
};

describe("Milvus's configuration", () => {
  test('keeps the components on loopback, and gives them the endpoint of etcd', () => {
    const { milvusYaml, etcdYaml } = configureMilvus(TEMPLATE, SETTINGS);
    const endpoint = /endpoints: (.*)/.exec(milvusYaml)?.[1];
    expect(endpoint).toMatch(/^127\.0\.0\.1:22\d\d\d$/);
    expect(etcdYaml).toContain(`listen-client-urls: http://${endpoint}\n`);
    expect(milvusYaml).toContain('  ip: 127.0.0.1\n');
  });

  test('rejects a template with an unknown variable', () => {
    expect(() => configureMilvus('a: {{ brand_new_port(int) }}', SETTINGS)).toThrow(/needs brand_new_port/);
  });
});

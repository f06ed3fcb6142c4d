import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fixture } from './support/command-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from './support/rotations.ts';

const OWN_CLUSTER = 'https://milvus.example.com:19530';

let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture('milvus.example.com');
  fixture.cluster.addUser('app', OLD_PASSWORD);
  fixture.aws.add('orders', documentOf(OLD_PASSWORD, { endpoint: OWN_CLUSTER }), {
    rotate: successfulRotation(fixture.cluster, documentOf(NEW_PASSWORD, { endpoint: OWN_CLUSTER })),
  });
});

describe('the environment variables', () => {
  it.each([
    ['ALLOWED_ENDPOINTS', 'localhost, .example.com', [], 0],
    ['ALLOWED_ENDPOINTS', '.example.com', ['--allow-endpoint', 'localhost,127.0.0.1'], 5],
  ])('allow the hosts of %s=%s, unless an option replaces them: %j', async (name, hosts, options, exitCode) => {
    vi.stubEnv(name, hosts);

    const { code } = await fixture.run(['rotate', 'orders', ...options]);

    expect([code, new Set(fixture.cluster.requestedHosts).size]).toEqual([exitCode, exitCode === 0 ? 1 : 0]);
  });

  it('name the cluster of a plain secret in CLUSTER_ENDPOINT', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', 'milvus.example.com');
    vi.stubEnv('CLUSTER_ENDPOINT', OWN_CLUSTER);
    fixture.aws.secret('orders').store.storeByHand('plain', `app:${OLD_PASSWORD}`);

    const { code, out } = await fixture.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toContain(`app at ${OWN_CLUSTER}`);
  });

  it('name the file of the private authority in CLUSTER_CA_FILE, and the transport in CLUSTER_TRANSPORT', async () => {
    vi.stubEnv('CLUSTER_CA_FILE', 'ca.pem');
    vi.stubEnv('CLUSTER_TRANSPORT', 'rest');
    const privateCa = '-----BEGIN CERTIFICATE-----';
    fixture.files.set('ca.pem', privateCa);

    await fixture.run(['status', 'orders']);

    expect(fixture.clusterConnections).toEqual([{ transport: 'rest', privateCa }]);
  });

  it('count as unset if they are empty', async () => {
    for (const name of ['ALLOWED_ENDPOINTS', 'CLUSTER_ENDPOINT', 'CLUSTER_CA_FILE', 'CLUSTER_TRANSPORT']) {
      vi.stubEnv(name, '');
    }
    const cloudFixture = new Fixture();
    cloudFixture.cluster.addUser('app', OLD_PASSWORD);
    cloudFixture.aws.add('cloud', documentOf(OLD_PASSWORD));

    expect((await cloudFixture.run(['status', 'cloud'])).code).toBe(0);
    expect(cloudFixture.clusterConnections).toEqual([{ transport: 'grpc', privateCa: undefined }]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFixture, type Fixture } from './support/command-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from './support/rotations.ts';

const OWN_CLUSTER = 'https://milvus.example.com:19530';

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture('milvus.example.com');
  fixture.cluster.addUser('app', OLD_PASSWORD);
  fixture.aws.add('orders', documentOf(OLD_PASSWORD, { endpoint: OWN_CLUSTER }), {
    rotate: successfulRotation(fixture.cluster, documentOf(NEW_PASSWORD, { endpoint: OWN_CLUSTER })),
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the environment variables', () => {
  it('allow the hosts of ALLOWED_ENDPOINTS, separated by commas', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', 'localhost, .example.com');

    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);
  });

  it('are overridden by options: --allow-endpoint wins over ALLOWED_ENDPOINTS', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', '.example.com');

    const { code } = await fixture.run(['rotate', 'orders', '--allow-endpoint', 'localhost,127.0.0.1']);

    expect([code, fixture.cluster.requestedHosts]).toEqual([5, []]);
  });

  it('name the cluster of a plain secret in CLUSTER_ENDPOINT', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', 'milvus.example.com');
    vi.stubEnv('CLUSTER_ENDPOINT', OWN_CLUSTER);
    fixture.aws.secret('orders').store.storeByHand('plain', `app:${OLD_PASSWORD}`);

    const { code, out } = await fixture.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toContain(`app at ${OWN_CLUSTER}`);
  });

  it('name the file of the private authority in CLUSTER_CA_FILE', async () => {
    vi.stubEnv('CLUSTER_CA_FILE', 'ca.pem');
    fixture.files.set('ca.pem', '-----BEGIN CERTIFICATE-----');

    await fixture.run(['status', 'orders']);

    expect(fixture.clusterConnections.map(({ privateCa }) => privateCa)).toEqual(['-----BEGIN CERTIFICATE-----']);
  });

  it('name the transport in CLUSTER_TRANSPORT, and --transport wins', async () => {
    vi.stubEnv('CLUSTER_TRANSPORT', 'rest');

    await fixture.run(['status', 'orders']);
    await fixture.run(['status', 'orders', '--transport', 'grpc']);

    expect(fixture.clusterConnections.map(({ transport }) => transport)).toEqual(['rest', 'grpc']);
  });

  it('count as unset if they are empty', async () => {
    for (const name of ['ALLOWED_ENDPOINTS', 'CLUSTER_ENDPOINT', 'CLUSTER_CA_FILE', 'CLUSTER_TRANSPORT']) {
      vi.stubEnv(name, '');
    }
    const cloudFixture = createFixture();
    cloudFixture.cluster.addUser('app', OLD_PASSWORD);
    cloudFixture.aws.add('cloud', documentOf(OLD_PASSWORD));

    expect((await cloudFixture.run(['status', 'cloud'])).code).toBe(0);
    expect(cloudFixture.clusterConnections).toEqual([{ transport: 'grpc', privateCa: undefined }]);
  });
});

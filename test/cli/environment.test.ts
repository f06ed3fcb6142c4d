import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, goodRotation, NEW_PASSWORD, OLD_PASSWORD } from './support/rotations.ts';
import { type Bench, createBench } from './support/run-command.ts';

const OWN = 'https://milvus.example.com:19530';

let bench: Bench;

beforeEach(() => {
  bench = createBench('milvus.example.com');
  bench.cluster.addUser('app', OLD_PASSWORD);
  bench.aws.add('orders', documentOf(OLD_PASSWORD, { endpoint: OWN }), {
    rotate: goodRotation(bench.cluster, documentOf(NEW_PASSWORD, { endpoint: OWN })),
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the environment', () => {
  it('allows the hosts of ALLOWED_ENDPOINTS, separated by commas', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', 'localhost, .example.com');

    expect((await bench.run(['rotate', 'orders'])).code).toBe(0);
  });

  it('prefers --allow-endpoint to ALLOWED_ENDPOINTS', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', '.example.com');

    const { code, out } = await bench.run(['rotate', 'orders', '--allow-endpoint', 'localhost,127.0.0.1']);

    expect(code).toBe(5);
    expect(out).toContain('milvus.example.com is not an allowed endpoint');
  });

  it('finds the cluster of a plain secret in CLUSTER_ENDPOINT', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', 'milvus.example.com');
    vi.stubEnv('CLUSTER_ENDPOINT', OWN);
    bench.aws.secrets.get('orders')?.store.storeByHand('plain', `app:${OLD_PASSWORD}`);

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toContain(`app at ${OWN}`);
  });

  it('takes the private authority from the file that CLUSTER_CA_FILE names', async () => {
    vi.stubEnv('CLUSTER_CA_FILE', 'ca.pem');
    bench.files.set('ca.pem', '-----BEGIN CERTIFICATE-----');

    await bench.run(['status', 'orders']);

    expect(bench.clusterConnections).toEqual([{ privateCa: '-----BEGIN CERTIFICATE-----' }]);
  });

  it('reads a variable that is set to nothing like one that is not set', async () => {
    for (const name of ['ALLOWED_ENDPOINTS', 'CLUSTER_ENDPOINT', 'CLUSTER_CA_FILE']) {
      vi.stubEnv(name, '');
    }
    const inTheCloud = createBench();
    inTheCloud.cluster.addUser('app', OLD_PASSWORD);
    inTheCloud.aws.add('cloud', documentOf(OLD_PASSWORD));

    expect((await inTheCloud.run(['status', 'cloud'])).code).toBe(0);
    expect(inTheCloud.clusterConnections).toEqual([{ privateCa: undefined }]);
  });
});

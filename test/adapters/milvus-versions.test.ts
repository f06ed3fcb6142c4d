import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectCluster } from '../../adapters/connect-cluster.ts';
import { createRotatingClient } from '../../client/index.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT, AWSPENDING } from '../../protocol/secret/versions.ts';
import { SecretService } from '../client/support/secret-service.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../support/rotation-world.ts';
import { ImitatedMilvus, type MilvusTraits } from './support/imitated-milvus.ts';

// A busy machine needs seconds to make a client.
vi.setConfig({ testTimeout: 60_000 });

const TIMED_OUT = { errorCode: 1, code: 10_001, reason: 'context deadline exceeded' };

const VERSIONS: readonly [title: string, traits: MilvusTraits][] = [
  [
    '2.4 and 2.5, which cannot send the change to a proxy',
    { changeAnswer: { errorCode: 30, code: 65_535, reason: 'failed to update a proxy' }, lateLogins: 2 },
  ],
  ['2.4, whose answer takes too long', { changeAnswer: TIMED_OUT, restTimeout: 'timeout', lateLogins: 2 }],
  [
    '2.6.6, whose broadcast arrives after the answer',
    { changeAnswer: TIMED_OUT, restTimeout: { code: 10_001, message: 'request timeout' }, lateLogins: 3 },
  ],
  ['2.6.19, with a description of the user', { description: 'reads orders' }],
];

const CASES = VERSIONS.flatMap(([title, traits]) =>
  (['grpc', 'rest'] as const).map((transport): [string, Transport, MilvusTraits] => [title, transport, traits]),
);

/** A rotation by the adapter of a transport. */
async function startRotation(transport: Transport, traits: MilvusTraits = {}) {
  const milvus = new ImitatedMilvus(USER, FIRST_PASSWORD, traits);
  const endpoint = await milvus.serve(transport);
  const world = new RotationWorld(document(FIRST_PASSWORD, { endpoint: endpoint.url }));
  world.secret.startRotation('t1');
  const ports = { ...world.ports(), cluster: connectCluster(transport, { timeoutMs: 20_000 }) };
  const attempt = async (): Promise<void> => {
    for (const step of STEPS) {
      await world.step(step, 't1', ports);
    }
  };
  return { milvus, world, attempt };
}

describe('a rotation on Milvus', () => {
  it.each(CASES)('%s, succeeds over %s', async (_title, transport, traits) => {
    const { milvus, world, attempt } = await startRotation(transport, traits);
    await attempt();
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
    expect(world.passwordIn(AWSCURRENT)).toBe(milvus.password);
    expect(milvus.changes).toBe(1);
    const awaited = world.story.filter(({ event }) => event === 'login-awaited');
    expect(awaited).toHaveLength(traits.lateLogins ?? 0);
  });

  it.each(['grpc', 'rest'] as const)(
    'changes nothing over %s while the proxy has no coordinator',
    async (transport) => {
      const { milvus, world, attempt } = await startRotation(transport);
      milvus.coordinatorIsAway = true;
      await expect(attempt()).rejects.toMatchObject({ name: 'RotationError', retryable: true });
      expect(milvus.changes).toBe(0);
      expect(world.secret.holder(AWSPENDING)).toBe('t1');
      milvus.coordinatorIsAway = false;
      await attempt();
      expect(world.passwordIn(AWSCURRENT)).toBe(milvus.password);
    },
  );
});

describe('a proxy that loses its coordinator before a change', () => {
  it.each(['grpc', 'rest'] as const)(
    'answers over %s as to a wrong old password, and a retry completes',
    async (transport) => {
      const { milvus, world, attempt } = await startRotation(transport);
      milvus.losesCoordinator = true;
      await expect(attempt()).rejects.toMatchObject({ code: 'CHANGE_UNSETTLED', retryable: true });
      expect(world.secret.holder(AWSPENDING)).toBe('t1');
      milvus.coordinatorIsAway = false;
      milvus.losesCoordinator = false;
      await attempt();
      expect(world.passwordIn(AWSCURRENT)).toBe(milvus.password);
    },
  );
});

describe('a client of Milvus', () => {
  /** A client of the user, whose next password is in AWSPENDING. */
  async function startClient(milvus: ImitatedMilvus) {
    const service = new SecretService();
    service.store('v1', `${USER}:${FIRST_PASSWORD}`);
    const client = await createRotatingClient({
      secretId: 'milvus/orders',
      secretsManager: service.client,
      endpoint: (await milvus.serve('grpc')).url,
      minimumIntervalMs: 1,
      config: { maxRetries: 0, timeout: 30_000, telemetry: { enabled: false } },
    });
    onTestFinished(() => client.close());
    await service.storePending('v2', `${USER}:Next-password-1`);
    return client;
  }

  it('waits for a proxy without coordinator, which refuses every password', async () => {
    const milvus = new ImitatedMilvus(USER, FIRST_PASSWORD);
    const client = await startClient(milvus);
    milvus.coordinatorIsAway = true;
    const answer = client.describeUser({ username: USER });
    await expect.poll(() => milvus.refusals).toBeGreaterThan(2);
    milvus.coordinatorIsAway = false;
    expect(await answer).toMatchObject({ results: [{ user: { name: USER } }] });
  });

  it('follows a broadcast that arrives between two calls, and reads a user with a description', async () => {
    const milvus = new ImitatedMilvus(USER, FIRST_PASSWORD, { description: 'reads orders' });
    const client = await startClient(milvus);
    await client.getVersion();
    milvus.password = 'Next-password-1';
    expect(await client.describeUser({ username: USER })).toMatchObject({
      status: { error_code: 'Success' },
      results: [{ user: { name: USER }, roles: [{ name: 'reader' }] }],
    });
  });
});

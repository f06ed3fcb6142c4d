import { describe, expect, it } from 'vitest';
import { formatPins, type Pins } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const OTHER = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';

describe('a value that is wrong for certain', () => {
  it.each<[string, Pins, string, string]>([
    ['a field that was not filled in', {}, documentOf(OLD_PASSWORD, { endpoint: 'fill me in' }), 'unusable-secret'],
    ['a user that was not filled in', {}, documentOfUser('fill me in', OLD_PASSWORD), 'unusable-secret'],
    [
      'a host that is not allowed, if the configuration pins another one',
      { endpoint: ENDPOINT, username: 'app' },
      documentOf(OLD_PASSWORD, { endpoint: 'https://milvus.example.com' }),
      'endpoint-not-pinned',
    ],
    [
      'an allowed host, if the configuration pins another one',
      { endpoint: ENDPOINT, username: 'app' },
      documentOf(OLD_PASSWORD, { endpoint: OTHER }),
      'endpoint-not-pinned',
    ],
    [
      'another user than the configuration',
      { endpoint: ENDPOINT, username: 'app' },
      documentOfUser('apq', OLD_PASSWORD),
      'user-not-pinned',
    ],
    ['a note without endpoint', {}, 'later: ask Bob', 'unusable-secret'],
    [
      'a note, if the configuration pins the user',
      { endpoint: ENDPOINT, username: 'app' },
      'later: ask Bob',
      'user-not-pinned',
    ],
    [
      'another user at a pinned host that is not allowed here',
      { endpoint: 'https://milvus.example.com', username: 'app' },
      'later: ask Bob',
      'user-not-pinned',
    ],
  ])('is a problem, and not a question of this machine: %s', async (_, target, document, expected) => {
    fixture.aws.environment['SECRET_TARGETS'] = formatPins({ orders: target });
    orders.store.storeByHand('v2', document);

    for (const command of ['status', 'repair']) {
      const { code, out } = await fixture.run([command, 'orders', '--yes'].slice(0, command === 'repair' ? 3 : 2));

      expect([code, out]).toEqual([3, expect.stringContaining(`(${expected})`)]);
      expect(out).not.toContain('--allow-endpoint');
    }
    expect([[], [new URL(ENDPOINT).hostname]]).toContainEqual([...new Set(fixture.cluster.requestedHosts)]);
  });

  it('is asked about first if the configuration pins nothing: the list of allowed hosts comes last', async () => {
    orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { endpoint: 'https://milvus.example.com' }));

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(7);
    expect(fixture.cluster.requestedHosts).not.toContain('milvus.example.com');
    const [{ advice }] = document.secrets[0].findings;
    expect(advice).toMatch(/repair orders --version orders-v1.*--allow-endpoint/);
    expect(advice).not.toContain('zilliz-rotation init');
    const { document: checked } = await fixture.runJson('doctor', 'orders');
    const failed = checked.checks.filter(({ status }: { status: string }) => status === 'fail');
    expect(failed.map(({ check }: { check: string }) => check)).toEqual(['undecided']);
  });

  it('uses the endpoint that the function uses for a value without endpoint', async () => {
    fixture.aws.environment['CLUSTER_ENDPOINT'] = ENDPOINT;
    orders.store.storeByHand('v2', `app:${OLD_PASSWORD}`);

    expect((await fixture.run(['status', 'orders'])).code).toBe(0);
  });
});

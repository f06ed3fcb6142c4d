import { beforeEach, describe, expect, it } from 'vitest';
import { ENDPOINT_TAG } from '../../../protocol/secret/document.ts';
import { ROTATED_SECRETS, SECRET_TARGETS } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, useOrders } from '../support/orders-fixture.ts';
import { documentOf, ENDPOINT, HOST, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const OTHER = 'https://in02-xyz.aws-us-west-2.vectordb.zillizcloud.com:19530';

beforeEach(() => {
  fixture.aws.environment[ROTATED_SECRETS] = '*';
  fixture.aws.environment[SECRET_TARGETS] = JSON.stringify({ pinned: { endpoint: OTHER, username: 'app' } });
  add('tagged', `app:${OLD_PASSWORD}`, { [ENDPOINT_TAG]: OTHER });
  add('pinned', `app:${OLD_PASSWORD}`);
  add('stored', documentOf(OLD_PASSWORD, { endpoint: OTHER }));
});

function add(name: string, value: string, tags: Record<string, string> = {}): void {
  Object.assign(fixture.aws.add(name, value).store.tags, tags);
}

async function selectedBy(...args: string[]): Promise<{ selected: string[]; skipped: unknown }> {
  const { document } = await fixture.runJson('status', ...args);
  const selected = document.secrets.map(
    ({ secret }: { secret: string }) => /:secret:([a-z]+)/.exec(secret)?.[1] ?? secret,
  );
  return { selected, skipped: document.skipped };
}

describe('--endpoint as a condition', () => {
  it('selects the secrets whose tag, function or value names the cluster', async () => {
    expect(await selectedBy('--endpoint', OTHER)).toEqual({ selected: ['tagged', 'pinned', 'stored'], skipped: [] });
    expect((await selectedBy('--endpoint', `https://${HOST}:19530/`, '--all')).selected).toEqual(['orders']);
  });

  it('reads no value if the tag or the function names the cluster', async () => {
    const { code } = await fixture.run(['status', '--endpoint', ENDPOINT, '--prefix', 'tagged', '--prefix', 'pinned']);

    // No secret meets the conditions.
    expect(code).toBe(2);
    expect(fixture.aws.calls.filter((call) => call.startsWith('read'))).toEqual([]);
  });

  it('skips a secret whose cluster is not known, and says why', async () => {
    add('plain', `app:${OLD_PASSWORD}`);
    add('broken', `{"password":"${OLD_PASSWORD}`);

    const { selected, skipped } = await selectedBy('--endpoint', ENDPOINT);

    expect(selected).toEqual(['orders']);
    expect(skipped).toEqual([
      expect.objectContaining({ reason: expect.stringContaining('Neither its value nor a tag zilliz:endpoint') }),
      expect.objectContaining({ reason: expect.stringContaining('It is not known which cluster') }),
    ]);
    expect(JSON.stringify(skipped)).not.toContain(OLD_PASSWORD);
  });

  it('filters named secrets only beside another condition', async () => {
    expect((await selectedBy('orders', 'stored', '--endpoint', OTHER)).selected).toEqual(['orders', 'stored']);
    expect(await selectedBy('orders', 'stored', '--endpoint', OTHER, '--rotated-by', 'zilliz-rotation')).toEqual({
      selected: ['stored'],
      skipped: [
        { secretId: 'orders', code: 'unmet-condition', reason: `It belongs to another cluster than ${OTHER}.` },
      ],
    });
  });

  it('is no condition if only CLUSTER_ENDPOINT names the cluster', async () => {
    process.env['CLUSTER_ENDPOINT'] = OTHER;
    try {
      expect((await selectedBy('--all')).selected).toHaveLength(4);
      expect((await fixture.run(['status'])).code).toBe(2);
    } finally {
      delete process.env['CLUSTER_ENDPOINT'];
    }
  });
});

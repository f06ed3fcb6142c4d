import { describe, expect, it } from 'vitest';
import { UsageError } from '../../cli/outcome/failure.ts';
import { searchSecrets, selectSecrets } from '../../cli/select/select-secrets.ts';
import type { SelectionOptions } from '../../cli/select/selection-options.ts';
import { parseTime } from '../../cli/terminal/period-options.ts';
import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';
import { documentOf, OLD_PASSWORD } from './support/rotations.ts';

useOrders();

const DAY = 86_400_000;

async function select(options: SelectionOptions, ...given: string[]) {
  const { aws, connections } = fixture;
  const connectAws = (connection: (typeof connections)[number]) => {
    connections.push(connection);
    return aws;
  };
  const { selected, skipped } = await selectSecrets(given, options, { connectAws });
  return { selected: selected.map(({ secretId }) => secretId), skipped };
}

function add(name: string, overrides: Parameters<typeof fixture.aws.add>[2] = {}) {
  return fixture.aws.add(name, documentOf(OLD_PASSWORD), overrides);
}

describe('the selection of secrets', () => {
  it('takes named secrets once, without a call to AWS', async () => {
    expect(await select({}, 'orders', 'search', 'orders')).toEqual({ selected: ['orders', 'search'], skipped: [] });
    expect(fixture.aws.calls).toEqual([]);
  });

  it('takes all secrets that a function of this product rotates', async () => {
    fixture.aws.environment[ROTATED_SECRETS] = 'orders';
    add('not-rotated', { rotationFunctionArn: undefined });

    expect(await select({ all: true })).toEqual({ selected: [orders.arn], skipped: [] });
  });

  it('leaves out the secrets that a function of another product rotates', async () => {
    expect((await fixture.run(['status', '--prefix', 'ord'])).code).toBe(2);
  });

  it('skips a secret whose function it may not ask, unless --rotated-by names the function', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    const { selected, skipped } = await select({ all: true });

    expect(selected).toEqual([]);
    expect(skipped).toEqual([
      {
        secretId: orders.arn,
        code: 'unknown-owner',
        message: expect.any(String),
        advice: expect.stringContaining('--rotated-by'),
      },
    ]);
    expect(await select({ rotatedBy: 'zilliz-rotation' })).toEqual({ selected: [orders.arn], skipped: [] });
    expect(await select({ rotatedBy: orders.rotationFunctionArn ?? '' })).toMatchObject({ selected: [orders.arn] });
  });

  it('combines conditions: all must hold, and one of the prefixes', async () => {
    fixture.aws.environment[ROTATED_SECRETS] = '*';
    const search = add('search');
    const users = add('users');
    for (const { store } of [orders, search]) {
      Object.assign(store.tags, { team: 'shop' });
    }
    const team = { key: 'team', value: 'shop' };

    expect((await select({ tag: [team] })).selected).toEqual([orders.arn, search.arn]);
    expect((await select({ tag: [{ key: 'team', value: undefined }], prefix: ['sea'] })).selected).toEqual([
      search.arn,
    ]);
    expect((await select({ prefix: ['sea', 'use'] })).selected).toEqual([search.arn, users.arn]);
    await expect(select({ tag: [{ key: 'team', value: 'other' }] })).rejects.toThrow(UsageError);
  });

  it('compares the age of the last rotation, or of a secret that never rotated', async () => {
    fixture.aws.environment[ROTATED_SECRETS] = '*';
    const rotated = add('rotated', { createdAt: fixture.clock.now() - 100 * DAY });
    rotated.store.lastRotatedAt = fixture.clock.now() - 2 * DAY;
    const never = add('never', { createdAt: fixture.clock.now() - 100 * DAY });

    const search = async (age: string): Promise<readonly string[]> => {
      const { aws, clock } = fixture;
      const ports = { clock, connectAws: () => aws, err: { write: () => undefined } };
      const { selected } = await searchSecrets([], { olderThan: parseTime(age) }, ports);
      return selected.map(({ secretId }) => secretId);
    };
    expect(await search('3d')).toEqual([never.arn]);
    expect(await search('2026-02-27T12:00Z')).toEqual([rotated.arn, never.arn]);
  });

  it('searches every given region of every given account with its role', async () => {
    fixture.aws.environment[ROTATED_SECRETS] = '*';
    const accounts = ['111122223333', '444455556666'];

    await select({ all: true, regions: ['eu-west-1', 'us-east-1'], accounts, role: 'reader', profile: 'ops' });

    expect(fixture.connections).toEqual(
      accounts.flatMap((account) =>
        ['eu-west-1', 'us-east-1'].map((region) => ({ region, profile: 'ops', role: { account, name: 'reader' } })),
      ),
    );
  });
});

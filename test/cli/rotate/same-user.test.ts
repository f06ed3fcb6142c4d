import { describe, expect, it } from 'vitest';
import { formatSecretTargets, type SecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { addSecretWithUser, fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const OTHER_FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:other';

function addCopy(overrides: Partial<FakeSecret> = {}, tags: Record<string, string> = {}): FakeSecret {
  const copy = fixture.aws.add('copy', documentOf(NEW_PASSWORD), overrides);
  Object.assign(copy.store.tags, tags);
  return copy;
}

function pin(targets: SecretTargets): void {
  fixture.aws.environment['SECRET_TARGETS'] = formatSecretTargets(targets);
}

async function expectRefused(...secrets: readonly string[]): Promise<string> {
  const { code, out } = await fixture.run(['rotate', ...secrets]);
  expect(code, out).toBe(5);
  expect(out.match(/not started \(same-user\)/g)).toHaveLength(secrets.length);
  expect(fixture.aws.calls.filter((call) => call.startsWith('RotateSecret'))).toEqual([]);
  expect(fixture.cluster.received).toEqual([]);
  return out.replaceAll(/\s+/g, ' ');
}

async function expectRotated(): Promise<string> {
  const { code, out, err } = await fixture.run(['rotate', 'orders']);
  expect(code, out).toBe(0);
  return err.replaceAll(/\s+/g, ' ');
}

describe('rotate is refused, and starts nothing,', () => {
  it('if a secret of the same function has the same user', async () => {
    addCopy();

    const out = await expectRefused('orders');

    expect(out).toContain(`orders and copy hold the same user, app at ${ENDPOINT}`);
    expect(out).toContain('docs/operations.md#two-secrets-for-one-user');
  });

  it('if two named secrets have the same user, whatever rotates them', async () => {
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    addCopy({ rotationFunctionArn: OTHER_FUNCTION });

    await expectRefused('orders', 'copy');
  });

  it('if a secret without rotation has the tag of the endpoint, in another spelling', async () => {
    addCopy({ rotationFunctionArn: undefined }, { 'zilliz:endpoint': ENDPOINT.toUpperCase() });
    await expectRefused('orders');
  });

  it('if a secret of another function of this product has the same user', async () => {
    fixture.aws.environment['ROTATED_SECRETS'] = 'copy-??????';
    addCopy({ rotationFunctionArn: OTHER_FUNCTION });
    await expectRefused('orders');
  });

  it('if the second user of an alternating pair is the user of another secret', async () => {
    addCopy().store.storeByHand('v2', documentOfUser('app_b', NEW_PASSWORD));
    pin({ orders: { endpoint: ENDPOINT, usernames: ['app', 'app_b'] } });
    expect(await expectRefused('orders')).toContain('hold the same user, app_b at');
  });

  it('if the configuration pins another secret to the user, without reading its value', async () => {
    fixture.aws.add('pinned', documentOfUser('x', NEW_PASSWORD));
    pin({ pinned: { endpoint: `${ENDPOINT}/`, usernames: ['x', 'app'] } });

    expect(await expectRefused('orders')).toContain('orders and pinned hold');
    expect(fixture.aws.calls).not.toContain(`read ${fixture.aws.secret('pinned').arn}`);
  });

  it.each([['111122223333:elsewhere'], ['elsewhere']])(
    'if the configuration pins the unlisted secret %s',
    async (key) => {
      fixture.aws.failing.set('ListSecrets', 'access-denied');
      pin({ orders: { endpoint: ENDPOINT, username: 'app' }, [key]: { endpoint: ENDPOINT, username: 'app' } });
      expect(await expectRefused('orders')).toContain(`orders and ${key} hold`);
    },
  );
});

describe('rotate starts', () => {
  it('if other secrets have other users, other clusters, no value or no credential', async () => {
    addSecretWithUser(fixture, 'search');
    const elsewhere = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
    fixture.aws.add('elsewhere', documentOf(OLD_PASSWORD, { endpoint: elsewhere }));
    fixture.aws.add('garbage', '{"username":"app"');
    fixture.aws.add('empty', '').store.startRotation('token');
    fixture.aws.add('pinned-elsewhere', documentOf(OLD_PASSWORD));
    fixture.aws.add('pinned-user', documentOf(OLD_PASSWORD));
    pin({
      'pinned-elsewhere': { endpoint: elsewhere },
      'pinned-user': { username: 'search_2' },
      gone: { endpoint: ENDPOINT, username: 'app' },
    });

    expect(await expectRotated()).not.toContain('note');
  });

  it('without reading the secrets of other products', async () => {
    const { arn } = addCopy({ rotationFunctionArn: OTHER_FUNCTION });
    fixture.aws.add('plain', documentOf(OLD_PASSWORD), { rotationFunctionArn: undefined });

    expect(await expectRotated()).not.toContain('note');
    expect(fixture.aws.calls).not.toContain(`read ${arn}`);
  });

  it('with a note if secrets cannot be listed', async () => {
    addCopy();
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    expect(await expectRotated()).toContain('It is not known whether another secret holds the same user');
  });

  it('with a note that names at most five secrets whose value AWS denies', async () => {
    for (let index = 1; index <= 7; index++) {
      const { store } = fixture.aws.add(`denied-${index}`, documentOf(NEW_PASSWORD));
      store.undecryptable.add(`denied-${index}-v1`);
    }

    const out = await expectRotated();

    expect(out).toContain(
      'because their values were not read: denied-1, denied-2, denied-3, denied-4, denied-5 and 2 others.',
    );
    expect(out).toContain('AccessDeniedException');
    expect(out).not.toContain(NEW_PASSWORD);
  });

  it('after it has read at most 1000 values, and says so', async () => {
    for (let index = 0; index < 1002; index++) {
      fixture.aws.add(`many-${index}`, documentOfUser('other', OLD_PASSWORD));
    }
    expect(await expectRotated()).toContain(
      'were not read: many-1000, many-1001. The command reads at most 1000 values.',
    );
  });

  it('and lists and reads once for all secrets of the command', async () => {
    addSecretWithUser(fixture, 'search');
    addSecretWithUser(fixture, 'third');

    await fixture.run(['rotate', 'orders', 'search']);

    const { calls } = fixture.aws;
    expect(calls.filter((call) => call === 'ListSecrets')).toHaveLength(1);
    expect(calls.filter((call) => call === `read ${fixture.aws.secret('third').arn}`)).toHaveLength(1);
    expect(orders.store.holder('AWSCURRENT')).not.toBe('orders-v1');
  });
});

import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('status', () => {
  it('reports two secrets for one cluster user, and no other secret', async () => {
    fixture.aws.add('orders-copy', documentOf(OLD_PASSWORD));
    fixture.cluster.addUser('search', OLD_PASSWORD);
    fixture.aws.add('search', documentOf(OLD_PASSWORD, { username: 'search', token: `search:${OLD_PASSWORD}` }));

    const { code, document } = await fixture.runJson('status', 'orders', 'search', 'orders-copy');

    expect(code).toBe(3);
    const [first, second, third] = document.secrets;
    expect([codesOf({ secrets: [first, third] }), second.findings]).toEqual([['same-user', 'same-user'], []]);
  });

  it.each([
    ['nobody replaced it', true, async () => undefined],
    ['a failed rotation left a version', true, () => leavePending(orders)],
    ['another value was AWSCURRENT before', false, async () => orders.store.storeByHand('v2', documentOf('Other-1'))],
  ])('says that the secret has only its first value if %s: %s', async (_, isFirst, prepare) => {
    fixture.cluster.setByHand('app', 'Unknown-1');
    await prepare();

    expect((await fixture.run(['status', 'orders'])).out.includes('only its first value')).toBe(isFirst);
  });

  it('prints no stored name while the cluster accepts every credential, because it may be a password', async () => {
    fixture.cluster.authorization = false;
    orders.store.storeByHand('v2', documentOf('app', { username: 'Swapped-1', token: 'Swapped-1:app' }));

    const { code, out } = await fixture.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).not.toContain('Swapped-1');
  });

  it.each(['111122223333:elsewhere', 'hidden'])(
    'reports a secret that the function pins for the same user and that is not listed: %s',
    async (name) => {
      const target = { endpoint: ENDPOINT, username: 'app' };
      fixture.aws.environment['SECRET_TARGETS'] = formatPins({ orders: target, [name]: target });
      fixture.aws.failing.set('ListSecrets', 'access-denied');
      fixture.cluster.setByHand('app', 'Changed-outside-1');

      const { document } = await fixture.runJson('status', 'orders');

      const [{ findings }] = document.secrets;
      expect(JSON.stringify(findings)).toContain(name);
    },
  );

  it('reports a secret whose own pins name the same user', async () => {
    const target = { endpoint: ENDPOINT, usernames: ['other', 'app'] as const };
    fixture.aws.environment['SECRET_TARGETS'] = 'pins:pins/each:each:all';
    fixture.aws.pinned['pins/each/orders'] = formatPins({ orders: { endpoint: ENDPOINT, username: 'app' } });
    fixture.aws.pinned['pins/each/second'] = formatPins({ second: target });
    fixture.aws.add('second', documentOf('Other-1', { username: 'other', token: 'other:Other-1' }));
    fixture.cluster.setByHand('app', 'Changed-outside-1');

    const { document } = await fixture.runJson('status', 'orders');

    expect(JSON.stringify(document.secrets[0].findings)).toContain('second');
  });

  it('compares no secret with itself that is given by name and by ARN', async () => {
    expect((await fixture.run(['status', 'orders', orders.arn])).code).toBe(0);
  });
});

describe('a secret that the function of its schedule refuses', () => {
  const pins = (location: string, texts: Record<string, string> = {}) => {
    fixture.aws.environment['SECRET_TARGETS'] = location;
    Object.assign(fixture.aws.pinned, texts);
  };

  it.each<[string, () => unknown]>([
    ['other secrets only', () => Object.assign(fixture.aws.environment, { ROTATED_SECRETS: 'other-??????' })],
    ['pins of other secrets only', () => pins('pins:pins/f/1:1:all', { 'pins/f/1/0': '{"other":{}}' })],
    ['pins that do not exist', () => pins('pins:pins/f/1:1')],
    ['pins of its own that do not exist', () => pins('pins:pins/each:each:all')],
    [
      'the secret as its manager secret',
      () => Object.assign(fixture.aws.environment, { MANAGER_SECRET_ARN: orders.arn }),
    ],
  ])('is a problem before its next rotation: the configuration names %s', async (_, configure) => {
    configure();

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(3);
    expect(codesOf(document)).toEqual(['not-configured']);
    const { document: checked } = await fixture.runJson('doctor', 'orders');
    expect(checked.checks).toContainEqual(expect.objectContaining({ check: 'not-configured', status: 'fail' }));
  });

  it('is less serious than AWSCURRENT with which no application can log in', async () => {
    Object.assign(fixture.aws.environment, { ROTATED_SECRETS: 'other-??????' });
    fixture.cluster.setByHand('app', 'Unknown-1');

    expect(codesOf((await fixture.runJson('status', 'orders')).document)).toEqual(['none-in-force', 'not-configured']);
  });

  it('is none while its rotation is off', async () => {
    pins('pins:pins/each:each:all');
    orders.store.rotationEnabled = false;

    expect(codesOf((await fixture.runJson('status', 'orders')).document)).toEqual(['rotation-off']);
  });

  it.each([
    ['an empty entry', ':all', '{"orders":{}}'],
    ['no entry, where other apps may have secrets', '', '{}'],
  ])('is none with %s', async (_, all, text) => {
    pins(`pins:pins/f/1:1${all}`, { 'pins/f/1/0': text });

    expect(codesOf((await fixture.runJson('status', 'orders')).document)).toEqual([]);
  });
});

function codesOf({ secrets }: { secrets: readonly { findings: readonly { code: string }[] }[] }): string[] {
  return secrets.flatMap(({ findings }) => findings.map(({ code }) => code));
}

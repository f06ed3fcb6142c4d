import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('status', () => {
  it('reports two secrets for one cluster user, and no other secret', async () => {
    fixture.aws.add('orders-copy', documentOf(OLD_PASSWORD));
    fixture.cluster.addUser('search', OLD_PASSWORD);
    fixture.aws.add('search', documentOf(OLD_PASSWORD, { username: 'search' }));

    const { code, document } = await fixture.runJson('status', 'orders', 'search', 'orders-copy');

    expect(code).toBe(3);
    const codes = document.secrets.map(({ findings }: { findings: { code: string }[] }) =>
      findings.map(({ code: found }) => found),
    );
    expect(codes).toEqual([['same-user'], [], ['same-user']]);
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

import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, beforeLogin } from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, ENDPOINT, HOST, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const TARGET = { endpoint: ENDPOINT, username: 'app' };

/** The codes of the findings of each secret. */
async function statusOf(...names: readonly string[]) {
  const { code, document } = await fixture.runJson('status', ...names);
  const [secret] = document.secrets;
  const codes: readonly string[][] = document.secrets.map(({ findings }: { findings: { code: string }[] }) =>
    findings.map((finding) => finding.code),
  );
  return { code, secret, codes };
}

describe('the users of secrets', () => {
  it('are compared, so that status reports two secrets for one user, and no other secret', async () => {
    fixture.aws.add('orders-copy', documentOf(OLD_PASSWORD));
    fixture.cluster.addUser('search', OLD_PASSWORD);
    fixture.aws.add('search', documentOf(OLD_PASSWORD, { username: 'search' }));

    const { code, codes } = await statusOf('orders', 'search', 'orders-copy');

    expect([code, codes]).toEqual([3, [['same-user'], [], ['same-user']]]);
  });

  it('lead to one way out, if another secret has changed the password', async () => {
    fixture.aws.add('orders-copy', documentOf('Changed-by-copy-1'));
    fixture.cluster.setByHand('app', 'Changed-by-copy-1');
    const compare = '`zilliz-rotation status orders orders-copy';
    const { out: alone } = await fixture.run(['status', 'orders']);
    const { out: checked } = await fixture.run(['doctor', 'orders']);
    const { document } = await fixture.runJson('doctor', 'orders');
    // The search for other secrets finds nothing.
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    const { out: compared } = await fixture.run(['status', 'orders', 'orders-copy']);

    const timesIn = (text: string, part: string): number => text.split(part).length - 1;
    const counts = [alone, checked, compared].map((text) => [timesIn(text, compare), timesIn(text, '#two-secrets')]);
    // The last one shows both secrets, and says the same of each.
    expect(counts).toEqual([
      [1, 1],
      [1, 1],
      [0, 2],
    ]);
    const failed: readonly { fix: string | null }[] = document.checks.filter(({ status = '' }) => status === 'fail');
    expect(failed.filter(({ fix }) => fix === null)).toEqual([]);
    expect(alone + checked + compared).not.toMatch(/zilliz-rotation (?:init|repair)/);
  });

  it('are to be compared, if status shows too many secrets to show the versions of each', async () => {
    fixture.aws.add('orders-copy', documentOf(OLD_PASSWORD));

    const { secret } = await statusOf('orders', 'orders-copy', 'a', 'b');

    expect(secret.findings[0].advice).toContain('`zilliz-rotation status orders orders-copy`');
  });

  it('are named for a third secret too, which status does not show', async () => {
    for (const name of ['orders-copy', 'third']) {
      fixture.aws.add(name, documentOf('Changed-by-copy-1'));
    }
    fixture.cluster.setByHand('app', 'Changed-by-copy-1');

    const { out } = await fixture.run(['status', 'orders', 'orders-copy']);

    expect(out).toContain('orders and orders-copy, third hold the same user');
  });

  it.each(['111122223333:elsewhere', 'hidden'])(
    'are those that the function pins, for a secret that is not listed: %s',
    async (name) => {
      fixture.aws.environment['SECRET_TARGETS'] = formatPins({ orders: TARGET, [name]: TARGET });
      fixture.aws.failing.set('ListSecrets', 'access-denied');
      fixture.cluster.setByHand('app', 'Changed-outside-1');

      expect(JSON.stringify((await statusOf('orders')).secret.findings)).toContain(name);
    },
  );

  it('are those that the own pins of a secret name', async () => {
    const usernames = ['other', 'app'] as const;
    fixture.aws.environment['SECRET_TARGETS'] = 'pins:pins/each:each:all';
    fixture.aws.pinned['pins/each/orders'] = formatPins({ orders: TARGET });
    fixture.aws.pinned['pins/each/second'] = formatPins({ second: { endpoint: ENDPOINT, usernames } });
    fixture.aws.add('second', documentOf('Other-1', { username: 'other' }));
    fixture.cluster.setByHand('app', 'Changed-outside-1');

    expect(JSON.stringify((await statusOf('orders')).secret.findings)).toContain('second');
  });

  it('are not compared for one secret that is given by name and by ARN', async () => {
    expect((await statusOf('orders', orders.arn)).code).toBe(0);
  });
});

describe('the search for the accepted version', () => {
  it('does not wait for the second login after Ctrl-C', async () => {
    fixture.cluster.setByHand('app', 'Unknown!1');
    const start = fixture.clock.now();
    fixture.clock.after(1000, () => fixture.interruption.abort());

    expect((await fixture.run(['status', 'orders'])).code).toBe(130);
    expect(fixture.clock.now() - start).toBe(1000);
  });

  it('sends a password only as the user and to the host that its version names', async () => {
    const OTHER_HOST = 'in01-x.zillizcloud.com';
    orders.store.storeByHand('old', documentOf('Foreign!1', { endpoint: `https://${OTHER_HOST}` }));
    orders.store.storeByHand('older', documentOf('Foreign!2', { username: 'other' }));
    orders.store.storeByHand('orders-v2', documentOf('Wrong!Pass1'));
    fixture.cluster.setByHand('app', 'Unknown!1');
    const sent = new Set<string>();
    replace(fixture.cluster, 'authenticates', (authenticates) => async (credentials) => {
      const { endpoint, username, password } = credentials;
      sent.add(`${password} as ${username} to ${endpoint.host}`);
      return await authenticates(credentials);
    });

    const { secret } = await statusOf('orders');

    expect([...sent].toSorted()).toEqual([
      `Foreign!1 as app to ${OTHER_HOST}`,
      `Foreign!2 as other to ${HOST}`,
      `${OLD_PASSWORD} as app to ${HOST}`,
      `Wrong!Pass1 as app to ${HOST}`,
    ]);
    const older = { versionId: 'older', login: 'rejected', why: null };
    expect(secret.versions).toContainEqual(expect.objectContaining(older));
  });

  it('uses the endpoint that the function uses for a value without endpoint', async () => {
    fixture.aws.environment['CLUSTER_ENDPOINT'] = ENDPOINT;
    orders.store.storeByHand('v2', `app:${OLD_PASSWORD}`);

    expect((await statusOf('orders')).code).toBe(0);
  });
});

describe('the examination of a secret whose rotation runs', () => {
  /** createSecret and setSecret of a rotation. */
  async function setPendingPassword(): Promise<void> {
    orders.store.startRotation('token-1');
    const labels = [AWSPENDING, sentLabel('token-1')];
    await orders.store.put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels });
    fixture.cluster.setByHand('app', NEW_PASSWORD);
  }

  it.each([
    ['has not started', () => undefined],
    ['has not stored its password', () => void orders.store.startRotation('token-1')],
  ])('finds the pending version although the rotation %s when the command reads the secret', async (_, prepare) => {
    prepare();
    beforeLogin(fixture, 1, setPendingPassword);

    const { code, secret, codes } = await statusOf('orders');

    expect([code, codes]).toEqual([3, [['current-not-in-force', 'rotation-incomplete']]]);
    expect(secret.inForce).toEqual({ versionId: 'token-1', stage: 'pending' });
  });

  it('reads the labels again if the rotation ends while versions are tried', async () => {
    beforeLogin(fixture, 1, async () => {
      await setPendingPassword();
      await orders.store.promote({ to: 'token-1', from: 'orders-v1' });
    });

    const { code, secret } = await statusOf('orders');

    expect([code, secret.inForce]).toEqual([0, { versionId: 'token-1', stage: 'current' }]);
  });

  it('does not reset a password that a rotation has set while versions were tried', async () => {
    addAdmin(fixture);
    beforeLogin(fixture, 1, setPendingPassword);

    const { code } = await fixture.run(['repair', 'orders', '--admin-secret', 'zilliz-admin', '--yes']);

    expect(code).toBe(0);
    expect(fixture.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
    expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
  });
});

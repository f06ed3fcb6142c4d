import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, ENDPOINT, HOST, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('status', () => {
  it('does not wait for the second login after Ctrl-C', async () => {
    fixture.cluster.setByHand('app', 'Unknown!1');
    const start = fixture.clock.now();
    fixture.clock.after(1000, () => fixture.interruption.abort());

    const { code } = await fixture.run(['status', 'orders']);

    expect(code).toBe(130);
    expect(fixture.clock.now() - start).toBe(1000);
  });

  it('sends a password only as the user and to the host that its version names', async () => {
    const OTHER_HOST = 'in01-x.zillizcloud.com';
    orders.store.storeByHand('old', documentOf('Foreign!1', { endpoint: `https://${OTHER_HOST}` }));
    orders.store.storeByHand('older', documentOf('Foreign!2', { username: 'other', token: 'other:Foreign!2' }));
    orders.store.storeByHand('orders-v2', documentOf('Wrong!Pass1'));
    fixture.cluster.setByHand('app', 'Unknown!1');
    const sent = new Set<string>();
    replace(fixture.cluster, 'authenticates', (authenticates) => async (credentials) => {
      const { endpoint, username, password } = credentials;
      sent.add(`${password} as ${username} to ${endpoint.host}`);
      return await authenticates(credentials);
    });

    const { document } = await fixture.runJson('status', 'orders');
    const [secret] = document.secrets;

    expect([...sent].toSorted()).toEqual([
      `Foreign!1 as app to ${OTHER_HOST}`,
      `Foreign!2 as other to ${HOST}`,
      `${OLD_PASSWORD} as app to ${HOST}`,
      `Wrong!Pass1 as app to ${HOST}`,
    ]);
    expect(secret.versions.find(({ versionId }: { versionId: string }) => versionId === 'older')).toMatchObject({
      login: 'rejected',
      why: null,
    });
  });

  it('uses the endpoint that the function uses for a value without endpoint', async () => {
    fixture.aws.environment['CLUSTER_ENDPOINT'] = ENDPOINT;
    orders.store.storeByHand('v2', `app:${OLD_PASSWORD}`);

    expect((await fixture.run(['status', 'orders'])).code).toBe(0);
  });
});

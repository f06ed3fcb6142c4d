import { describe, expect, it } from 'vitest';
import { parseAnyEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import {
  addAdmin,
  addOwnLabels,
  addSentVersions,
  afterFirstRemoval,
  beforeLogin,
  leavePending,
} from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const REPAIR = ['repair', 'orders', '--yes'];

const setPassword = (password: string): unknown => fixture.cluster.setByHand('app', password);

const labels = async () => (await orders.store.describe()).versions;

it('AWSCURRENT moves only when every proxy knows the password', async () => {
  await leavePending(orders);
  let logins = 0;
  fixture.cluster.proxies = { delaysMs: [0, 5000], now: fixture.clock.now, choose: () => logins++ % 2 };
  const endpoint = parseAnyEndpoint(ENDPOINT, { allowPlaintext: false });
  await fixture.cluster.changePassword({ endpoint, username: 'app', password: OLD_PASSWORD }, NEW_PASSWORD);
  replace(orders.store, 'promote', (promote) => async (move) => {
    expect(fixture.cluster.everyProxyKnows('app')).toBe(true);
    return await promote(move);
  });

  expect((await fixture.run(REPAIR)).code).toBe(0);
  expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
});

it('repair exits with 3 if a label moves after the first step', async () => {
  await leavePending(orders);
  orders.store.storeByHand('orders-v2', documentOf('Wrong!Pass1'));
  await orders.store.addLabel({ label: AWSPENDING, to: 'token-1' });
  orders.store.removeLabel = async () => 'moved';

  expect((await fixture.run(REPAIR)).code).toBe(3);
  expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
});

it('repair exits with 3 if the password changes to one that is not stored, because labels have moved', async () => {
  await leavePending(orders);
  afterFirstRemoval(orders, () => setPassword('Unknown!1'));

  expect(await fixture.fail(...REPAIR)).toBe('3 none-in-force');
});

it('repair resets no password if a rotation sets one while the operator is asked', async () => {
  addAdmin(fixture);
  setPassword('Unknown!1');
  let questions = 0;
  const answer = (): 'yes' => {
    if (questions++ === 0) {
      void leavePending(orders);
      setPassword(NEW_PASSWORD);
    }
    return 'yes';
  };

  const { code, out } = await fixture.run(['repair', 'orders', '--admin-secret', 'zilliz-admin'], { answer });

  expect(code).toBe(5);
  expect(out).toContain('(changed-meanwhile)');
  expect(fixture.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
  expect((await fixture.run(REPAIR)).code).toBe(0);
  expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
});

describe('repair of an edited AWSCURRENT changes no label', () => {
  const edit = (password: string): void =>
    orders.store.storeByHand('edited', documentOf(password, { collection: 'orders' }));

  /** Changes the cluster right after the edited value is stored. */
  const afterPut = (change: () => unknown) => (): void =>
    replace(orders.store, 'put', (put) => async (version) => {
      change();
      return await put(version);
    });

  it.each<[why: string, expected: string, happen: () => unknown]>([
    ['somebody else moves AWSCURRENT', '5 changed-meanwhile', () => (orders.store.promote = async () => 'moved')],
    ['the password changes', '5 changed-meanwhile', afterPut(() => setPassword('Chang3d!'))],
    [
      'Ctrl-C ends the wait for slow proxies',
      '130 interrupted',
      afterPut(() => {
        setPassword('Chang3d!');
        fixture.interruption.abort();
      }),
    ],
    [
      'the cluster becomes unreachable',
      '7 changed-meanwhile',
      afterPut(() => Object.assign(fixture.cluster, { reachable: false })),
    ],
  ])('if %s', async (_, expected, happen) => {
    // setSecret changed the password. Then somebody stored another key together with the old
    // password.
    await leavePending(orders);
    setPassword(NEW_PASSWORD);
    edit(OLD_PASSWORD);
    const before = await labels();
    happen();

    expect(await fixture.fail(...REPAIR)).toBe(expected);
    expect(fixture.aws.calls).toContain('put orders');
    expect(await labels()).toEqual(before);
  });

  it('if the password changes before it makes room for the label of the edited value', async () => {
    await addSentVersions(orders, 9);
    orders.store.storeByHand('orders-v2', documentOf(NEW_PASSWORD));
    setPassword(NEW_PASSWORD);
    await addOwnLabels(orders, 8);
    edit('Wrong!Pass1');
    const before = await labels();
    // The first two logins are of the search.
    beforeLogin(fixture, 3, () => void setPassword('Chang3d!'));

    expect(await fixture.fail(...REPAIR)).toBe('5 changed-meanwhile');
    expect(await labels()).toEqual(before);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { ENDPOINT, SECOND_USER } from '../../support/rotation-world.ts';
import { rejectEveryPasswordFor } from '../support/command-fixture.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, adminSecret } from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, GENERATED_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import { documentOfSecondUser, SECRET, startWorld } from '../support/secret-fixture.ts';

useOrders();

const reset = ['repair', 'orders', '--yes', '--admin-secret', 'zilliz-admin'];

beforeEach(() => {
  fixture.cluster.setByHand('app', 'Unknown!1');
  addAdmin(fixture);
});

describe('repair with an admin secret', () => {
  it('names the admin secret that it cannot read', async () => {
    const { store } = fixture.aws.secret('zilliz-admin');
    store.read = () =>
      Promise.reject(new SecretStoreError({ action: 'GetSecretValue', code: 'X', kind: 'denied', explanation: 'no' }));

    const { code, document } = await fixture.runJson(...reset);

    expect(code).toBe(3);
    expect(document.error.message).toBe('GetSecretValue failed with X: the secret zilliz-admin cannot be read. no');
  });

  it('changes nothing if the cluster rejects every password for a moment', async () => {
    fixture.cluster.setByHand('app', OLD_PASSWORD);
    rejectEveryPasswordFor(fixture, 6000);

    const { document } = await fixture.runJson(...reset);

    expect(document.outcome).toBe('in-order');
    expect(fixture.cluster.passwordOf('app')).toBe(OLD_PASSWORD);
    expect(orders.store.values).toHaveLength(1);
  });

  it('says before a yes what it could not read, if that could make the reset wrong', async () => {
    await orders.store.put({ versionId: 'denied', value: documentOf('Unknown!1'), labels: [AWSPENDING] });
    orders.store.undecryptable.add('denied');
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    const { document } = await fixture.runJson(...reset.filter((word) => word !== '--yes'));
    const before = document.plan.join('\n');
    fixture.cluster.setByHand('app', OLD_PASSWORD);
    const accepted = await fixture.runJson(...reset);

    expect(before).toMatch(/Set this password.*versions .*denied.*kms:Decrypt.*could not be listed/s);
    expect([accepted.code, accepted.document.plan.join('\n')]).toEqual([0, expect.not.stringContaining('kms:Decrypt')]);
  });

  it('says before a yes that the accepted version has a copy that no rotation updates', async () => {
    fixture.cluster.setByHand('app', OLD_PASSWORD);
    orders.store.storeByHand('copy', documentOf(OLD_PASSWORD, { dsn: OLD_PASSWORD, owner: 'app' }));
    orders.store.storeByHand('wrong', documentOf('Wrong!Pass1', { dsn: 'Wrong!Pass1', owner: 'app' }));

    const { document } = await fixture.runJson(...reset);

    expect(document.plan).toContainEqual(expect.stringMatching(/^Version copy repeats the credential in "dsn",/));
  });

  it.each(['root', 'db_admin', 'root_admin'])('never resets %s', async (username) => {
    orders.store.storeByHand('v2', documentOf('Wrong!Pass1', { username }));
    fixture.cluster.addUser(username, 'Unknown!2');
    fixture.aws.secret('zilliz-admin').store.storeByHand('valid', adminSecret('root_admin', 'Unknown!2'));

    expect(await fixture.fail(...reset)).toBe('5 not-reset');
    expect(fixture.cluster.passwordOf(username)).toBe('Unknown!2');
  });
});

it('resets nothing while another secret has the user', async () => {
  fixture.aws.add('copy', documentOf('Unknown!1'));

  expect(await fixture.fail(...reset)).toBe('5 same-user');
  expect(fixture.cluster.passwordOf('app')).toBe('Unknown!1');
});

it('resets no second user of two while another secret has it', async () => {
  const world = await startWorld('two');
  const { aws, cluster, runJson } = world;
  addAdmin(world, ENDPOINT);
  cluster.setByHand(SECOND_USER, 'Unknown!1');
  aws.add('copy', documentOfSecondUser('Unknown!1'));

  const { code, document } = await runJson('repair', SECRET, '--yes', '--admin-secret', 'zilliz-admin');

  expect([code, document.error.code]).toEqual([5, 'same-user']);
  expect(cluster.passwordOf(SECOND_USER)).toBe('Unknown!1');
});

it('resets nothing, and reads no admin secret, while a copy of the password would keep the old one', async () => {
  const dsn = `host=milvus password=${OLD_PASSWORD}`;
  orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD, { dsn, nested: { dsn } }));

  const { code, document } = await fixture.runJson(...reset);

  expect([code, document.error.code]).toEqual([5, 'stale-copies']);
  expect(document.error.message).toMatch(/AWSCURRENT .*"dsn", "nested\.dsn"/);
  expect(fixture.aws.calls.filter((call) => call.endsWith('zilliz-admin'))).toEqual([]);
  expect(fixture.cluster.passwordOf('app')).toBe('Unknown!1');
});

it('moves AWSCURRENT to a password that the admin has set, also after Ctrl-C', async () => {
  replace(fixture.cluster, 'resetPassword', (resetPassword) => async (...args) => {
    fixture.interruption.abort();
    return await resetPassword(...args);
  });

  expect((await fixture.run(reset)).code).toBe(130);
  expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
});

it('changes no label if the user does not exist', async () => {
  fixture.cluster.dropUser('app');

  expect(await fixture.fail(...reset)).toBe('3 no-such-user');
  expect((await orders.store.describe()).versions).toEqual([{ versionId: 'orders-v1', labels: [AWSCURRENT] }]);
});

describe('a reset without a clear answer', () => {
  it('is trusted if the login succeeds', async () => {
    fixture.cluster.resetPassword = async (_, username, password) => {
      fixture.cluster.setByHand(username, password);
      return { kind: 'refused', reason: 'unclear', answer: 'UnexpectedError 65535: timeout' };
    };

    expect((await fixture.run(reset)).code).toBe(0);
  });

  it('keeps its password, which the next run finds', async () => {
    replace(fixture.cluster, 'resetPassword', (resetPassword) => async (...args) => {
      // The reset takes effect after the command has stopped repeating the login.
      fixture.clock.after(60_000, () => void resetPassword(...args));
      return { kind: 'lost', answer: 'gRPC 4: deadline exceeded' };
    });

    const first = await fixture.runJson(...reset);

    expect([first.code, first.document.error.code]).toEqual([3, 'unsettled']);
    expect(first.document.error.advice).not.toContain('Nothing was changed');
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    await fixture.clock.sleep(60_000, fixture.interruption.signal);
    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });
});

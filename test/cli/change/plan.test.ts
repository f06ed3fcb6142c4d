import { beforeEach, describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, ENDPOINT, FIRST_PASSWORD, SECOND_USER, USER } from '../../support/rotation-world.ts';
import { ADMIN } from '../support/init-fixture.ts';
import { addAdmin, addOwnLabels } from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { rotated, SECRET, secret, startWorld, useWorld, world } from '../support/secret-fixture.ts';
import { block } from '../support/state-world.ts';

const OTHER_ENDPOINT = 'http://127.0.0.1:19531';
const INIT = ['init', SECRET, '--yes'];
const REPAIR = ['repair', SECRET, '--yes'];

useWorld('one');

beforeEach(() => {
  addAdmin(world, ENDPOINT);
});

describe('a change of an admin', () => {
  it('comes before the login that proves it, if AWSCURRENT is no credential', async () => {
    world.cluster.dropUser(USER);
    secret.store.storeByHand('edit', 'garbage');

    const { code, out } = await world.run([...INIT, ...ADMIN, '--role', 'reader']);

    expect(code, out).toBe(0);
    expect(rotated.passwordIn(AWSCURRENT)).toBe(world.cluster.passwordOf(USER));
    expect(world.adminCluster.roles.get(USER)).toEqual(['reader']);
  });

  it('comes before the login that proves it, if a label needs room', async () => {
    world.cluster.setByHand(USER, 'Unknown-1');
    await secret.store.addLabel({ label: sentLabel('v0'), to: 'v0' });
    await addOwnLabels(secret, 16);

    const { code, out } = await world.run([...REPAIR, ...ADMIN]);

    expect(code, out).toBe(0);
    expect(secret.store.labelsOf('v0')).not.toContain(sentLabel('v0'));
  });

  it('is waited for at every proxy, and leaves nothing else to repair', async () => {
    await startWorld('two');
    addAdmin(world, ENDPOINT);
    await block(world);
    world.cluster.setByHand(SECOND_USER, 'Unknown-1');
    world.cluster.staleLogins = 1;

    const { code, out } = await world.run([...REPAIR, ...ADMIN]);

    expect(code, out).toBe(0);
    expect(secret.store.holder(AWSPENDING)).toBeUndefined();
  });
});

it.each([
  ['init', 5, INIT],
  ['repair', 3, [...REPAIR, ...ADMIN]],
])('%s ends with %i before any change if no label is free', async (_, expected, args) => {
  await addOwnLabels(secret, 19);
  world.cluster.setByHand(USER, 'Console-1');
  world.passwords.push('Console-1');

  expect(await world.fail(...args)).toBe(`${expected} labels-full`);
  expect(world.cluster.passwordOf(USER)).toBe('Console-1');
  expect(world.aws.calls.filter((call) => call.startsWith('put '))).toEqual([]);
});

it('a role counts as granted only if the cluster shows it', async () => {
  const { adminCluster } = world;
  replace(adminCluster, 'grantRole', (grantRole) => async (...args) => {
    adminCluster.describeUser = async () => ({ kind: 'refused', answer: 'gRPC 16: auth check failure' });
    return await grantRole(...args);
  });

  expect(await world.fail(...INIT, ...ADMIN, '--role', 'reader')).toBe('3 roles-missing');
});

it('a plan ends with a login for each accepted credential', async () => {
  replace(world.adminCluster, 'grantRole', (grantRole) => async (...args) => {
    world.cluster.setByHand(USER, 'Unknown-1');
    return await grantRole(...args);
  });

  expect(await world.fail(...INIT, ...ADMIN, '--role', 'reader')).toBe('3 changed-meanwhile');
});

it('a login waits for slow proxies as long as the function is configured', async () => {
  const { cluster, clock, passwords } = world;
  world.aws.environment['PROPAGATION_MS'] = '30000';
  cluster.setByHand(USER, 'Before-1');
  // The typed password, and a wrong one, reach the proxy that knows the change.
  let loginsAfterQuestion = 0;
  const choose = () => (passwords.length === 0 && ++loginsAfterQuestion > 2 ? 1 : 0);
  cluster.proxies = { delaysMs: [0, 20_000], now: clock.now, choose };
  const endpoint = parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false });
  await cluster.changePassword({ endpoint, username: USER, password: 'Before-1' }, 'Known-1');
  passwords.push('Known-1');

  const { code, out } = await world.run(INIT);

  expect(code, out).toBe(0);
});

it('init removes AWSPENDING if AWSCURRENT contradicts the configuration, because every rotation fails', async () => {
  secret.store.storeByHand('edit', document(FIRST_PASSWORD, { endpoint: OTHER_ENDPOINT }));
  await block(world);

  const { code, out } = await world.run([...INIT, '--endpoint', OTHER_ENDPOINT]);

  expect([code, secret.store.holder(AWSPENDING)], out).toEqual([0, undefined]);
});

it('init adds the label that the second user lacks beside a running rotation', async () => {
  await startWorld('two');
  await secret.store.removeLabel({ label: sentLabel('v-second'), from: 'v-second' });

  const { code, out } = await world.run(INIT);

  expect([code, secret.store.labelsOf('v-second')], out).toEqual([0, [sentLabel('v-second')]]);
});

it.each([
  ['repair --version, which undoes an edit', [...REPAIR, '--version', 'v0'], []],
  ['init, if AWSCURRENT is no credential', INIT, ['garbage']],
])('AWSCURRENT moves to the accepted version as it is after %s', async (_, args, values) => {
  for (const [index, value] of [document('Wrong-password-1', { note: 'edited' }), ...values].entries()) {
    secret.store.storeByHand(`edit-${index}`, value);
  }

  const { code, out } = await world.run(args);

  expect([code, secret.store.holder(AWSCURRENT)], out).toEqual([0, 'v0']);
});

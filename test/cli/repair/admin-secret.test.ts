import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { rejectEveryPasswordFor } from '../support/command-fixture.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin, adminSecret, GENERATED_ID, leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, GENERATED_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('repair with an admin secret', () => {
  const reset = ['repair', 'orders', '--yes', '--admin-secret', 'zilliz-admin'];

  beforeEach(() => {
    fixture.cluster.setByHand('app', 'Unknown!1');
    addAdmin(fixture);
    fixture.adminCluster.roles.set('app', ['reader', 'writer']);
  });

  it('advises to ask for the key of versions that AWS does not decrypt before the password is reset', async () => {
    orders.store.storeByHand('orders-v2', documentOf('NotInForce!1'));
    orders.store.undecryptable.add('orders-v1');

    const { out } = await fixture.run(['repair', 'orders', '--yes']);
    const { document } = await fixture.runJson(...reset);

    expect(out).toMatch(/these versions or their KMS keys: orders-v1\..*\n +advice .*First ask for kms:Decrypt/);
    expect(document.plan).toContain(
      'AWS denies access to these versions or their KMS keys: orders-v1. One of their passwords may be accepted, so first ask for kms:Decrypt',
    );
    expect(document.outcome).toBe('repaired');
  });

  it('stores a new password, sets it, logs in, and then makes it AWSCURRENT', async () => {
    await leavePending(orders);

    const { code, out } = await fixture.run(reset);

    const version = orders.store.holder(AWSCURRENT);
    expect(code).toBe(0);
    expect(version).toMatch(GENERATED_ID);
    expect(JSON.parse(orders.store.valueOf(version ?? '') ?? '')).toEqual(JSON.parse(documentOf(GENERATED_PASSWORD)));
    expect(fixture.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(out).toContain(`Set this password for app at ${ENDPOINT} with the credential in zilliz-admin`);
    const changes = fixture.aws.calls.filter((call) => /^(put|promote|removeLabel) orders$/.test(call));
    expect(changes).toEqual(['put orders', 'promote orders', 'removeLabel orders']);
  });

  it('removes AWSPENDING from the replaced version, where a complete rotation left it, so that a rotation can start', async () => {
    await orders.store.addLabel({ label: AWSPENDING, to: 'orders-v1' });

    const { code, out } = await fixture.run(reset);

    expect(code).toBe(0);
    expect(out).toContain('Remove AWSPENDING from version orders-v1, so that a rotation can start');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.startRotation('next-rotation')).toBe(true);
  });

  it('changes nothing if AWSCURRENT repeats the password in a form that would keep the old one', async () => {
    const dsn = `host=milvus password=${OLD_PASSWORD}`;
    orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD, { dsn, nested: { dsn } }));
    const before = (await orders.store.describe()).versions;

    const { code, out } = await fixture.run(reset);

    expect(code).toBe(5);
    expect(out).toContain('(stale-copies)');
    expect(out).toContain('repeats the credential in "dsn", "nested.dsn"');
    expect(fixture.aws.calls.filter((call) => call.endsWith('zilliz-admin'))).toEqual([]);
    expect(fixture.cluster.passwordOf('app')).toBe('Unknown!1');
    expect((await orders.store.describe()).versions).toEqual(before);
  });

  it('says in the plan that other secrets could not be compared', async () => {
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    const { document } = await fixture.runJson(...reset);
    expect(document.plan).toContainEqual(expect.stringContaining('the secrets could not be listed'));
  });

  it('shows each step that may last, and nothing with --quiet', async () => {
    const { err } = await fixture.run(reset);

    const shown = [
      'reading the secret, and logging in',
      'Store a generated password',
      'Set this password for app',
      'Log in as app',
      'Move AWSCURRENT',
    ];
    expect(shown.map((text) => err.indexOf(`${text}`)).every((at, index, all) => at > (all[index - 1] ?? -1))).toBe(
      true,
    );
    expect(err).not.toContain(GENERATED_PASSWORD);

    fixture.cluster.setByHand('app', 'Unknown!2');
    expect(await fixture.run([...reset, '--quiet'])).toMatchObject({ code: 0, err: '' });
  });

  it('accepts an API key of an admin', async () => {
    fixture.aws.secret('zilliz-admin').store.storeByHand('key', JSON.stringify({ endpoint: ENDPOINT, apiKey: 'k3y' }));
    fixture.adminCluster.admins.add('k3y');
    fixture.cluster.resetPassword = async (admin, username, password) => {
      expect(admin.token).toBe('k3y');
      fixture.cluster.setByHand(username, password);
      return { kind: 'changed' };
    };

    expect((await fixture.run(reset)).code).toBe(0);
  });

  it('recreates the user with its roles if this is allowed and needed', async () => {
    fixture.cluster.superUsers = [];

    const { code, out } = await fixture.run([...reset, '--recreate-user']);

    expect(code).toBe(0);
    expect(out).toContain('drop app and create it again with its roles (reader, writer)');
    expect(fixture.adminCluster.requests).toEqual(['dropUser app', 'createUser app', 'grantRole app', 'grantRole app']);
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    expect(fixture.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('changes nothing if the cluster rejects every password for a moment', async () => {
    fixture.cluster.superUsers = [];
    fixture.cluster.setByHand('app', OLD_PASSWORD);
    rejectEveryPasswordFor(fixture, 6000);

    const { code, out } = await fixture.run([...reset, '--recreate-user']);

    expect(code).toBe(0);
    expect(out).toContain('orders: in order');
    expect(fixture.adminCluster.requests).toEqual([]);
    expect(fixture.cluster.passwordOf('app')).toBe(OLD_PASSWORD);
    expect(orders.store.values).toHaveLength(1);
  });

  it('creates a user that the cluster no longer has, even if the admin may reset passwords', async () => {
    fixture.cluster.dropUser('app');
    fixture.adminCluster.roles.delete('app');

    const { code, out } = await fixture.run([...reset, '--recreate-user', '--role', 'reader']);

    expect(code).toBe(0);
    expect(out).toContain(
      'which does not exist, with the credential in zilliz-admin, with this password and the roles: reader',
    );
    expect(fixture.adminCluster.requests).toEqual(['createUser app', 'grantRole app']);
    expect(fixture.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
  });

  it.each([['--recreate-user'], ['--recreate-user', '--role', 'reader']])(
    'creates no user whose roles nothing tells: %j',
    async (...options) => {
      fixture.cluster.dropUser('app');
      fixture.adminCluster.roles.delete('app');

      const { code, document } = await fixture.runJson(...reset, ...options);

      const isKnown = options.length > 1;
      expect([code, document.error?.code]).toEqual(isKnown ? [0, undefined] : [5, 'roles-needed']);
      expect(fixture.adminCluster.requests).toEqual(isKnown ? ['createUser app', 'grantRole app'] : []);
    },
  );

  it('does not drop a user whose password the admin can reset', async () => {
    await fixture.run([...reset, '--recreate-user']);

    expect(fixture.adminCluster.requests).toEqual([]);
  });

  it.each([
    ['root', []],
    ['db_admin', []],
    ['root', ['--recreate-user']],
    ['db_admin', ['--recreate-user']],
  ])('never resets or drops %s with the options %j', async (username, more) => {
    orders.store.storeByHand('v2', documentOf('Wrong!Pass1', { username, token: `${username}:Wrong!Pass1` }));
    fixture.cluster.addUser(username, 'Unknown!2');

    const { code, out } = await fixture.run([...reset, ...more]);

    expect(code).toBe(5);
    expect(out).toContain('(not-reset)');
    expect(fixture.adminCluster.requests).toEqual([]);
    expect(fixture.cluster.passwordOf(username)).toBe('Unknown!2');
  });

  it.each([[[]], [['--recreate-user']]])('never resets or drops the admin itself with the options %j', async (more) => {
    fixture.adminCluster.admins.add('app:Adm/in"Pass1');
    fixture.aws.secret('zilliz-admin').store.storeByHand('same', adminSecret('app', 'Adm/in"Pass1'));

    expect((await fixture.run([...reset, ...more])).out).toContain('(not-reset)');
  });

  it.each([
    ['refused', 'The cluster did not drop app, which still exists.'],
    ['lost', 'It is not known whether the cluster drops app. The user still exists'],
  ] as const)('names the next command if the answer to the drop is: %s', async (failure, message) => {
    fixture.cluster.superUsers = [];
    fixture.adminCluster.failing.set('dropUser', failure);

    const { code, out } = await fixture.run([...reset, '--recreate-user']);

    expect(code).toBe(3);
    expect(out).toContain('(drop-failed)');
    expect(out).toContain(message);
    expect(out).toContain('Run the same command again');
    expect(fixture.adminCluster.requests).toEqual(['dropUser app']);
  });

  it('makes the new password AWSCURRENT and grants the roles if the user was created although the answer was lost', async () => {
    fixture.cluster.superUsers = [];
    loseAnswerOfCreation((create) => create());

    expect((await fixture.run([...reset, '--recreate-user'])).code).toBe(0);
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('grants the roles in the next run if the user is created after the first run', async () => {
    fixture.cluster.superUsers = [];
    loseAnswerOfCreation((create) => fixture.clock.after(60_000, create));

    const { code, document } = await fixture.runJson(...reset, '--recreate-user');

    expect(code).toBe(3);
    expect(document.error.code).toBe('create-failed');
    expect(document.error.message).toContain('It is not known whether app was created again');
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    await fixture.clock.sleep(60_000, fixture.interruption.signal);
    const next = [...reset, '--recreate-user'];
    const second = await fixture.runJson(...next);
    expect(second.code).toBe(0);
    expect(second.document.plan).toContain(
      'Grant to app the roles that it lacks, with the credential in zilliz-admin: reader, writer',
    );
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
    expect((await fixture.run(next)).out).toContain('orders: in order');
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
  });

  it.each(['refused', 'lost'] as const)(
    'makes the new password AWSCURRENT although the answer to a grant is %s, and the next run grants the role',
    async (failure) => {
      fixture.cluster.superUsers = [];
      const { grantRole } = fixture.adminCluster;
      fixture.adminCluster.grantRole = async (admin, username, role) =>
        role === 'writer' ? { kind: failure, answer: 'gRPC 14' } : await grantRole(admin, username, role);

      const { code, document } = await fixture.runJson(...reset, '--recreate-user');

      expect(code).toBe(3);
      expect(document.error.code).toBe('roles-missing');
      expect(document.error.message).toContain('The cluster did not confirm these roles of app: writer. gRPC 14');
      expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
      const next = [...reset, '--recreate-user'];
      expect((await fixture.runJson(...next)).document.error.code).toBe('roles-missing');
      fixture.adminCluster.grantRole = grantRole;
      expect((await fixture.run(next)).code).toBe(0);
      expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    },
  );

  it('is not settled if the cluster rejects the login of the created user', async () => {
    fixture.cluster.superUsers = [];
    fixture.adminCluster.createUser = async () => ({ kind: 'done' });

    const { document } = await fixture.runJson(...reset, '--recreate-user');

    expect(document.error.code).toBe('unsettled');
    expect(orders.store.tags).not.toEqual({});
  });

  it('does not ask an admin about the roles without --role', async () => {
    fixture.cluster.setByHand('app', OLD_PASSWORD);

    expect((await fixture.run([...reset, '--recreate-user'])).out).toContain('orders: in order');
    expect(fixture.aws.calls.filter((call) => call.endsWith('zilliz-admin'))).toEqual([]);
  });

  it('keeps the password of a reset without an answer, and the next run finds it', async () => {
    const resetPassword = fixture.cluster.resetPassword.bind(fixture.cluster);
    fixture.cluster.resetPassword = async (...args) => {
      // The reset takes effect after the command has stopped repeating the login.
      fixture.clock.after(60_000, () => void resetPassword(...args));
      return { kind: 'lost', answer: 'gRPC 4: deadline exceeded' };
    };

    const first = await fixture.run(reset);

    expect(first.code).toBe(3);
    expect(first.out).toContain('(unsettled)');
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    await fixture.clock.sleep(60_000, fixture.interruption.signal);
    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('exits with 3 if labels move after the reset, and the next run finds the new password', async () => {
    const promote = orders.store.promote.bind(orders.store);
    orders.store.promote = async () => 'moved';

    const { code, out } = await fixture.run(reset);

    expect(code).toBe(3);
    expect(out).toContain('(changed-meanwhile)');
    orders.store.promote = promote;
    expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('trusts the login if the cluster answers a reset with an error', async () => {
    fixture.cluster.resetPassword = async (_, username, password) => {
      fixture.cluster.setByHand(username, password);
      return { kind: 'refused', reason: 'unclear', answer: 'UnexpectedError 65535: timeout' };
    };

    expect((await fixture.run(reset)).code).toBe(0);
  });
});

function loseAnswerOfCreation(happen: (create: () => void) => void): void {
  const { createUser } = fixture.adminCluster;
  fixture.adminCluster.createUser = async (...args) => {
    happen(() => void createUser(...args));
    return { kind: 'lost', answer: 'gRPC 4: deadline exceeded' };
  };
}

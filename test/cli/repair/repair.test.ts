import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../secret/versions.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { documentOf, ENDPOINT, GENERATED_PASSWORD, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import { type Bench, createBench } from '../support/run-command.ts';

const VERSION = '00000000-0000-4000-8000-';

let bench: Bench;
let orders: FakeSecret;

beforeEach(() => {
  bench = createBench();
  bench.cluster.addUser('app', OLD_PASSWORD);
  orders = bench.aws.add('orders', documentOf(OLD_PASSWORD));
});

/** A rotation that got as far as a stored password, which the cluster may or may not have. */
async function leavePending(labels: string[] = [AWSPENDING, sentLabel('token-1')]): Promise<void> {
  orders.store.startRotation('token-1');
  await orders.store.put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels });
}

function current(): string | undefined {
  return orders.store.holder(AWSCURRENT);
}

async function repairJson(...args: string[]) {
  const { code, out } = await bench.run(['repair', 'orders', '--json', ...args]);
  return { code, document: JSON.parse(out) };
}

describe('repair of labels', () => {
  it('does nothing where nothing is wrong', async () => {
    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(0);
    expect(out).toContain('orders: in order');
  });

  it('moves AWSCURRENT to the pending version that is in force, with rotation off (row K)', async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);
    orders.store.rotationEnabled = false;

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(0);
    expect(current()).toBe('token-1');
    expect(orders.store.holder(AWSPREVIOUS)).toBe('orders-v1');
    // AWSPENDING on AWSCURRENT is how a rotation that is complete looks.
    expect(orders.store.holder(AWSPENDING)).toBe('token-1');
    expect(out).toContain('Move AWSCURRENT from version orders-v1 to version token-1');
    expect(out).toContain('Rotation is off.');
  });

  it('takes a stuck AWSPENDING off a version that is not in force, and keeps that version findable', async () => {
    await leavePending([AWSPENDING]);

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(0);
    expect(current()).toBe('orders-v1');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.labelsOf('token-1')).toEqual([sentLabel('token-1')]);
    expect(out).toContain('zilliz-rotation rotate orders');
    expect(out).toContain('A rotation that is under way at this moment will be refused');
  });

  it('leaves AWSCURRENT where it is when AWSPENDING is a copy of it, and only takes that label off', async () => {
    orders.store.startRotation('token-1');
    await orders.store.put({ versionId: 'token-1', value: documentOf(OLD_PASSWORD), labels: [AWSPENDING] });

    const { code, document } = await repairJson('--yes');

    expect(code).toBe(0);
    expect(document.plan.join()).not.toContain('Move AWSCURRENT');
    expect(current()).toBe('orders-v1');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.labelsOf('token-1')).toEqual([]);
  });

  it('speaks of no rotation under way when AWSPENDING sits on AWSCURRENT, where a complete one leaves it', async () => {
    await orders.store.addLabel({ label: AWSPENDING, to: 'orders-v1' });
    await orders.store.put({ versionId: 'sent', value: documentOf('Sent!Pass1'), labels: [sentLabel('sent')] });
    bench.cluster.setByHand('app', 'Sent!Pass1');

    const { document } = await repairJson('--yes');

    expect(document.plan).toEqual([
      'Move AWSCURRENT from version orders-v1 to version sent, which the cluster accepts',
      'Label version orders-v1 so that it stays findable',
      'Take AWSPENDING off version orders-v1, so that a rotation can start',
    ]);
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });

  it('takes AWSPENDING off an empty version without labelling it', async () => {
    orders.store.startRotation('token-1');

    await bench.run(['repair', 'orders', '--yes']);

    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.labelsOf('token-1')).toEqual([]);
  });

  it('finds a stranded version, makes it current, and clears AWSPENDING in the same go', async () => {
    orders.store.storeByHand('stranded', documentOf('Str4nded!'));
    orders.store.storeByHand('orders-v2', documentOf('NotThis!1'));
    orders.store.storeByHand('orders-v3', documentOf('NorThis!1'));
    await leavePending();
    bench.cluster.setByHand('app', 'Str4nded!');

    const { code, document } = await repairJson('--yes');

    expect(code).toBe(0);
    expect(document).toEqual({
      command: 'repair',
      exitCode: 0,
      secret: 'orders',
      arn: orders.arn,
      outcome: 'repaired',
      found: { currentVersionId: 'orders-v3', inForce: { versionId: 'stranded', stage: 'stranded' } },
      plan: [
        expect.stringContaining('Move AWSCURRENT from version orders-v3 to version stranded'),
        expect.stringContaining('Take AWSPENDING off version token-1'),
        expect.stringContaining('A rotation that is under way'),
      ],
      currentVersionId: 'stranded',
      error: null,
      next: expect.stringContaining('zilliz-rotation rotate orders'),
    });
    expect(current()).toBe('stranded');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
  });

  it('shows the plan and changes nothing without --yes in a pipe', async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);

    const { code, out } = await bench.run(['repair', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('1. Move AWSCURRENT from version orders-v1 to version token-1');
    expect(out).toContain('(consent-needed)');
    expect(current()).toBe('orders-v1');
  });

  it.each([
    ['yes', 0, 'token-1'],
    ['no', 5, 'orders-v1'],
  ] as const)('asks on a terminal, and acts on %s', async (answer, expected, version) => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);

    expect((await bench.run(['repair', 'orders'], { isTTY: true, answer })).code).toBe(expected);
    expect(current()).toBe(version);
  });

  it('never asks with --json', async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);

    const { code, out } = await bench.run(['repair', 'orders', '--json'], { isTTY: true, answer: 'yes' });

    expect(code).toBe(5);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'refused', error: { code: 'consent-needed' } });
    expect(current()).toBe('orders-v1');
  });

  it('logs in once more before it moves a label, and leaves it where it is when the password has changed since', async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);
    const authenticates = bench.cluster.authenticates.bind(bench.cluster);
    let logins = 0;
    bench.cluster.authenticates = async (credentials) => {
      logins += 1;
      // The first login finds the version in force, the second checks that a wrong password is refused.
      if (logins === 3) {
        bench.cluster.setByHand('app', 'Chang3d!');
      }
      return authenticates(credentials);
    };

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(5);
    expect(out).toContain('(changed-meanwhile)');
    expect(current()).toBe('orders-v1');
  });

  it('stops when somebody else moves AWSCURRENT at the same time', async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);
    orders.store.promote = async () => 'moved';

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(5);
    expect(out).toContain('(changed-meanwhile)');
  });

  it('exits with 3 when labels move after the first of them was moved', async () => {
    await leavePending();
    orders.store.storeByHand('orders-v2', documentOf('NotInForce!1'));
    await orders.store.addLabel({ label: AWSPENDING, to: 'token-1' });
    orders.store.removeLabel = async () => 'moved';

    const { code } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(3);
    expect(current()).toBe('orders-v1');
  });

  it('changes nothing when the cluster cannot be reached, and exits with 7', async () => {
    await leavePending();
    bench.cluster.reachable = false;

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(7);
    expect(out).toContain('cannot be judged from here (undecided)');
    expect(orders.store.holder(AWSPENDING)).toBe('token-1');
  });

  it('changes nothing when authorization is off, since every version then seems in force', async () => {
    await leavePending();
    bench.cluster.authorization = false;

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(3);
    expect(out).toContain('(authorization-off)');
    expect(current()).toBe('orders-v1');
  });

  it('says which call AWS denies', async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);
    bench.aws.failing.set('promote', 'access-denied');

    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(3);
    expect(out).toContain('promote failed with access-denied');
  });

  it('exits with 5 for a secret that does not exist', async () => {
    expect((await bench.run(['repair', 'nobody', '--yes'])).code).toBe(5);
  });

  it('changes nothing after Ctrl-C', async () => {
    await leavePending();
    bench.interruption.abort();

    await bench.run(['repair', 'orders', '--yes']);

    expect(orders.store.holder(AWSPENDING)).toBe('token-1');
  });
});

describe('repair of an edited AWSCURRENT', () => {
  /** setSecret was done, and then a person stored another key, with the password that was replaced meanwhile. */
  beforeEach(async () => {
    await leavePending();
    bench.cluster.setByHand('app', NEW_PASSWORD);
    orders.store.storeByHand('edited', documentOf(OLD_PASSWORD, { collection: 'orders' }));
  });

  it('keeps the edit: AWSCURRENT becomes the edited value with the password in force', async () => {
    // Storing took AWSPENDING off; Secrets Manager's next attempt at the rotation puts it back.
    await orders.store.addLabel({ label: AWSPENDING, to: 'token-1' });

    const { code, document } = await repairJson('--yes');

    const version = current() ?? '';
    expect(code).toBe(0);
    expect(version).toMatch(VERSION);
    expect(document).toMatchObject({ outcome: 'repaired', currentVersionId: version });
    expect(document.plan).toEqual([
      expect.stringMatching(/^Store the value of AWSCURRENT.*password of version token-1.*the edit .* is kept/),
      'Log in with it, and only then move AWSCURRENT from version edited to it',
      'Take AWSPENDING off version token-1, so that a rotation can start',
      expect.stringContaining('A rotation that is under way'),
    ]);
    expect(orders.store.valueOf(version)).toBe(documentOf(NEW_PASSWORD, { collection: 'orders' }));
    expect(bench.cluster.passwordOf('app')).toBe(NEW_PASSWORD);
    expect(orders.store.labelsOf(version)).toContain(sentLabel(version));
    expect(orders.store.holder(AWSPREVIOUS)).toBe('edited');
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    const changes = bench.aws.calls.filter((call) => /^(put|promote|removeLabel) orders$/.test(call));
    expect(changes).toEqual(['put orders', 'promote orders', 'removeLabel orders']);
    expect((await bench.run(['repair', 'orders', '--yes'])).out).toContain('orders: in order');
  });

  it('takes AWSPENDING off the edited version too, once that is no longer AWSCURRENT', async () => {
    await orders.store.addLabel({ label: AWSPENDING, to: 'edited' });

    expect((await repairJson('--yes')).code).toBe(0);
    expect(orders.store.valueOf(current() ?? '')).toBe(documentOf(NEW_PASSWORD, { collection: 'orders' }));
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(orders.store.labelsOf('edited')).toEqual(expect.arrayContaining([AWSPREVIOUS, sentLabel('edited')]));
  });

  it('promotes the version in force itself when it differs in the password alone', async () => {
    orders.store.storeByHand('same-again', documentOf(OLD_PASSWORD));

    expect((await repairJson('--yes')).code).toBe(0);
    expect(current()).toBe('token-1');
    expect(bench.aws.calls).not.toContain('put orders');
  });

  it('stores nothing without consent', async () => {
    expect((await repairJson()).code).toBe(5);
    expect(bench.aws.calls).not.toContain('put orders');
    expect(current()).toBe('edited');
  });

  it.each([
    ['somebody else moves AWSCURRENT', 5, () => (orders.store.promote = async () => 'moved')],
    [
      'the password changes meanwhile',
      5,
      () => {
        const put = orders.store.put.bind(orders.store);
        orders.store.put = async (version) => {
          bench.cluster.setByHand('app', 'Chang3d!');
          return await put(version);
        };
      },
    ],
    [
      'the cluster goes away',
      7,
      () => {
        const put = orders.store.put.bind(orders.store);
        orders.store.put = async (version) => {
          bench.cluster.reachable = false;
          return await put(version);
        };
      },
    ],
  ])('leaves every label as it was when %s', async (_, expected, happen) => {
    const before = (await orders.store.describe()).versions;
    happen();

    const { code, document } = await repairJson('--yes');

    expect(code).toBe(expected);
    expect(document.error.code).toBe('changed-meanwhile');
    expect(bench.aws.calls).toContain('put orders');
    expect((await orders.store.describe()).versions).toEqual(before);
  });
});

describe('repair by an admin', () => {
  const ADMIN = 'root_admin:Adm/in"Pass1';
  const reset = ['repair', 'orders', '--yes', '--admin-secret', 'zilliz-admin'];

  beforeEach(() => {
    bench.cluster.setByHand('app', 'Unknown!1');
    bench.cluster.addUser('root_admin', 'Adm/in"Pass1');
    bench.cluster.superUsers = ['root_admin'];
    bench.adminCluster.admins.add(ADMIN);
    bench.adminCluster.roles.set('app', ['reader', 'writer']);
    bench.aws.add('zilliz-admin', ADMIN);
  });

  it('needs --admin-secret to do anything where no stored password is in force', async () => {
    const { code, out } = await bench.run(['repair', 'orders', '--yes']);

    expect(code).toBe(3);
    expect(out).toContain('(none-in-force)');
    expect(out).toContain('--admin-secret ADMIN-SECRET');
    expect(bench.cluster.passwordOf('app')).toBe('Unknown!1');
  });

  it('stores a new password, sets it, logs in, and only then makes it current', async () => {
    await leavePending();

    const { code, out } = await bench.run(reset);

    const version = current();
    expect(code).toBe(0);
    expect(version).toMatch(VERSION);
    expect(JSON.parse(orders.store.valueOf(version ?? '') ?? '')).toEqual(JSON.parse(documentOf(GENERATED_PASSWORD)));
    expect(bench.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
    expect(orders.store.holder(AWSPENDING)).toBeUndefined();
    expect(out).toContain(`Set it as the password of app at ${ENDPOINT} with the credential from zilliz-admin`);
    const changes = bench.aws.calls.filter((call) => /^(put|promote|removeLabel) orders$/.test(call));
    expect(changes).toEqual(['put orders', 'promote orders', 'removeLabel orders']);
  });

  it('takes an API key for the admin as well', async () => {
    bench.aws.secrets.get('zilliz-admin')?.store.storeByHand('key', '{"apiKey":"k3y"}');
    bench.adminCluster.admins.add('k3y');
    bench.cluster.resetPassword = async (admin, username, password) => {
      expect(admin.token).toBe('k3y');
      bench.cluster.setByHand(username, password);
      return { kind: 'changed' };
    };

    expect((await bench.run(reset)).code).toBe(0);
  });

  it('changes nothing without consent', async () => {
    const { code } = await bench.run(['repair', 'orders', '--admin-secret', 'zilliz-admin']);

    expect(code).toBe(5);
    expect(bench.cluster.passwordOf('app')).toBe('Unknown!1');
    expect(orders.store.values).toHaveLength(1);
  });

  it('explains what to do when the cluster insists on the old password, and leaves no label behind', async () => {
    bench.cluster.superUsers = [];

    const { code, out } = await bench.run(reset);

    expect(code).toBe(3);
    expect(out).toContain('(old-password-needed)');
    expect(out).toContain('common.security.superUsers');
    expect(out).toContain('--recreate-user');
    expect(current()).toBe('orders-v1');
    expect((await orders.store.describe()).versions).toHaveLength(1);
  });

  it('makes the user anew with its roles, when that is allowed and needed', async () => {
    bench.cluster.superUsers = [];

    const { code, out } = await bench.run([...reset, '--recreate-user']);

    expect(code).toBe(0);
    expect(out).toContain('drop app and make it anew with its roles (reader, writer)');
    expect(bench.adminCluster.acts).toEqual(['dropUser app', 'createUser app', 'grantRole app', 'grantRole app']);
    expect(bench.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    expect(bench.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
    expect(orders.store.valueOf(current() ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('does not drop a user whose password could simply be reset', async () => {
    await bench.run([...reset, '--recreate-user']);

    expect(bench.adminCluster.acts).toEqual([]);
  });

  it.each(['root', 'db_admin'])('never drops %s', async (username) => {
    orders.store.storeByHand('v2', documentOf('Wrong!Pass1', { username, token: `${username}:Wrong!Pass1` }));
    bench.cluster.addUser(username, 'Unknown!2');

    const { code, out } = await bench.run([...reset, '--recreate-user']);

    expect(code).toBe(5);
    expect(out).toContain('(not-dropped)');
    expect(bench.adminCluster.acts).toEqual([]);
  });

  it('never drops the admin itself', async () => {
    bench.adminCluster.admins.add('app:Adm/in"Pass1');
    bench.aws.secrets.get('zilliz-admin')?.store.storeByHand('same', 'app:Adm/in"Pass1');

    expect((await bench.run([...reset, '--recreate-user'])).out).toContain('(not-dropped)');
  });

  it('says how to finish when the user was dropped and could not be made, and finishes on the next run', async () => {
    bench.cluster.superUsers = [];
    bench.adminCluster.failing.set('createUser', 'unreachable');

    const first = await bench.run([...reset, '--recreate-user']);

    expect(first.code).toBe(3);
    expect(first.out).toContain('(create-failed)');
    expect(first.out).toContain('--recreate-user --role reader --role writer');
    bench.adminCluster.failing.clear();
    const second = await bench.run([...reset, '--recreate-user', '--role', 'reader', '--role', 'writer']);
    expect(second.code).toBe(0);
    expect(second.out).toContain('Make app, which does not exist, with the roles: reader, writer');
    expect(bench.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
  });

  it('makes the new password current even when a role could not be granted, and names the role', async () => {
    bench.cluster.superUsers = [];
    bench.adminCluster.failing.set('grantRole', 'refused');

    const { code, out } = await bench.run([...reset, '--recreate-user']);

    expect(code).toBe(3);
    expect(out).toContain('lacks roles: reader, writer');
    expect(orders.store.valueOf(current() ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('keeps a password findable whose reset got no answer, and finds it on the next run', async () => {
    const resetPassword = bench.cluster.resetPassword.bind(bench.cluster);
    bench.cluster.resetPassword = async (...args) => {
      // It takes effect after every patience is exhausted.
      bench.clock.after(60_000, () => void resetPassword(...args));
      return { kind: 'lost', answer: 'gRPC 4: deadline exceeded' };
    };

    const first = await bench.run(reset);

    expect(first.code).toBe(3);
    expect(first.out).toContain('(unsettled)');
    expect(current()).toBe('orders-v1');
    await bench.clock.sleep(60_000, bench.interruption.signal);
    expect((await bench.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(current() ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('exits with 3, not with 5, when labels move after the password was set, and finds it on the next run', async () => {
    const promote = orders.store.promote.bind(orders.store);
    orders.store.promote = async () => 'moved';

    const { code, out } = await bench.run(reset);

    expect(code).toBe(3);
    expect(out).toContain('(changed-meanwhile)');
    orders.store.promote = promote;
    expect((await bench.run(['repair', 'orders', '--yes'])).code).toBe(0);
    expect(orders.store.valueOf(current() ?? '')).toBe(documentOf(GENERATED_PASSWORD));
  });

  it('believes the login and not the answer, when a reset that took effect is answered with an error', async () => {
    bench.cluster.resetPassword = async (_, username, password) => {
      bench.cluster.setByHand(username, password);
      return { kind: 'refused', reason: 'unclear', answer: 'UnexpectedError 65535: timeout' };
    };

    expect((await bench.run(reset)).code).toBe(0);
  });

  it.each([
    ['an admin that the cluster refuses', 'nobody:Wr0ng!Pass', 3, 'admin-refused'],
    ['a value that is no credential', '{"token": 5}', 5, 'unusable-admin-secret'],
    [
      'a credential of another cluster',
      documentOf('Adm/in1', { endpoint: 'https://in01-other.zillizcloud.com' }),
      5,
      'unusable-admin-secret',
    ],
  ])('changes nothing with %s', async (_, value, expected, reason) => {
    bench.aws.secrets.get('zilliz-admin')?.store.storeByHand('other', value);

    const { code, out } = await bench.run(reset);

    expect(code).toBe(expected);
    expect(out).toContain(`(${reason})`);
    expect(bench.cluster.passwordOf('app')).toBe('Unknown!1');
  });

  it.each([
    [['repair', 'orders', '--recreate-user']],
    [['repair', 'orders', '--admin-secret', 'zilliz-admin', '--role', 'reader']],
    [['repair', 'orders', '--admin-secret', 'orders']],
    [['repair']],
  ])('exits with 2: %j', async (args) => {
    expect((await bench.run(args)).code).toBe(2);
    expect(bench.aws.calls).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { InMemorySecret } from '../../support/in-memory-secret.ts';
import { Fixture } from '../support/command-fixture.ts';
import { A, ADMIN, currentDocument, SINGLE } from '../support/init-fixture.ts';
import { addAdmin, afterFirstRemoval, leavePending } from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture();
  fixture.cluster.addUser(A, OLD_PASSWORD);
});

describe('init with the password of a user', () => {
  beforeEach(() => {
    fixture.passwords.push(OLD_PASSWORD);
  });

  it('proves the password, creates the secret with tag and description, prints the entry, and then has nothing to do', async () => {
    const { code, out } = await fixture.run([...SINGLE, '--yes']);

    expect(code).toBe(0);
    expect(currentDocument(fixture)).toEqual(JSON.parse(documentOf(OLD_PASSWORD)));
    expect(fixture.aws.secret('orders').store.tags).toEqual({ 'zilliz:endpoint': ENDPOINT });
    expect(fixture.aws.descriptions.get('orders')).toContain('rotated by zilliz-secret-rotation');
    expect(out).toMatch(/^orders: ready/m);
    expect(out).toContain(`secrets:\n  - name: orders\n    endpoint: ${ENDPOINT}\n    username: app\n`);
    expect(out).toContain('`zilliz-rotation rotate orders ');

    const second = await fixture.runJson(...SINGLE);
    expect(second.code).toBe(0);
    expect(second.document).toMatchObject({
      outcome: 'in-order',
      plan: [],
      users: [{ username: A, origin: 'existing' }],
    });
  });

  it('names the account and the region in which it does not find the secret', async () => {
    const { code, document } = await fixture.runJson('init', 'orders');

    expect([code, document.error.code]).toEqual([5, 'endpoint-needed']);
    expect(document.error.message).toContain('orders does not exist in account 000000000000, us-east-1');
  });

  it('fills an existing secret that holds no value, and names its KMS key in the entry', async () => {
    const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    fixture.aws.add('orders', 'unused', { store: new InMemorySecret('orders'), kmsKeyId });

    const { code, document } = await fixture.runJson(...SINGLE, '--yes');

    expect([code, document.entry]).toEqual([0, expect.stringContaining(`kmsKeyArn: ${kmsKeyId}`)]);
    expect(currentDocument(fixture)).toEqual(JSON.parse(documentOf(OLD_PASSWORD)));
  });

  it('replaces a placeholder, and keeps every other key', async () => {
    fixture.aws.add('orders', documentOf('Placeh0lder-1', { note: 'survives' }));

    expect((await fixture.run(['init', 'orders', '--yes'])).code).toBe(0);
    expect(currentDocument(fixture)).toEqual(JSON.parse(documentOf(OLD_PASSWORD, { note: 'survives' })));
  });

  it('keeps a value that somebody stores while the operator is asked', async () => {
    const { store } = fixture.aws.add('orders', documentOf('Placeh0lder-1'));
    replace(store, 'promote', (promote) => async (move) => {
      store.storeByHand('by-hand', documentOf(NEW_PASSWORD));
      return await promote(move);
    });

    expect(await fixture.fail(...SINGLE, '--yes')).toBe('5 changed-meanwhile');
    expect(store.holder(AWSCURRENT)).toBe('by-hand');
    expect((await store.describe()).versions.flatMap(({ labels }) => labels)).toEqual(['AWSPREVIOUS', AWSCURRENT]);
  });

  it('asks before it changes anything, and changes nothing after a no or without an answer', async () => {
    const declined = await fixture.run(SINGLE, { answer: 'no' });
    fixture.passwords.push(OLD_PASSWORD);
    const unasked = await fixture.run(SINGLE);

    expect([declined.code, unasked.code]).toEqual([5, 5]);
    expect(declined.out).toContain('(declined)');
    expect(unasked.out).toContain('(consent-needed)');
    expect(fixture.aws.secrets.size).toBe(0);
  });

  const refuse = (answer: 'access-denied' | 'unreachable') => () => fixture.aws.failing.set('CreateSecret', answer);
  const store =
    (...[password, fields]: Parameters<typeof documentOf>) =>
    () =>
      fixture.aws.add('orders', documentOf(password, fields));

  it.each<[why: string, expected: string, happen: () => unknown]>([
    ['AWS denies the creation', '5 access-denied', refuse('access-denied')],
    ['AWS gives no answer', '3 unreachable', refuse('unreachable')],
    [
      'somebody else creates the secret',
      '5 changed-meanwhile',
      () => Object.assign(fixture.aws.rotation, { createSecret: async () => 'exists' }),
    ],
    [
      'AWSCURRENT names a host that is not allowed here',
      '5 endpoint-refused',
      store(OLD_PASSWORD, { endpoint: 'https://milvus.example.com' }),
    ],
    [
      'another key holds the password in an unknown form',
      '5 stale-copies',
      store('Placeh0lder-1', { jdbc: 'jdbc:x?Placeh0lder-1' }),
    ],
  ])('changes nothing if %s, which is %s', async (_, expected, happen) => {
    happen();

    expect(await fixture.fail(...SINGLE, '--yes')).toBe(expected);
    expect(fixture.aws.calls.filter((call) => /^(put|promote|addLabel)/.test(call))).toEqual([]);
  });

  it('creates no secret by an ARN', async () => {
    const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf';

    expect(await fixture.fail('init', arn, '--endpoint', ENDPOINT, '--username', A, '--yes')).toBe('5 not-found');
  });
});

describe('init after an earlier rotation that left AWSPENDING', () => {
  it.each([
    ['a user that the admin creates with the placeholder', 'Placeh0lder-1', () => fixture.cluster.dropUser(A)],
    [
      'a user whose password is stored, while rotation is off',
      OLD_PASSWORD,
      () => Object.assign(fixture.aws.secret('orders').store, { rotationEnabled: false }),
    ],
  ])('removes it for %s', async (_, stored, prepare) => {
    addAdmin(fixture);
    await leavePending(fixture.aws.add('orders', documentOf(stored, { token: undefined })));
    prepare();

    const { code, out } = await fixture.run([...SINGLE, ...ADMIN, '--yes']);

    expect(code).toBe(0);
    expect(out).toContain('ready for rotation');
    expect(fixture.aws.secret('orders').store.holder(AWSPENDING)).toBeUndefined();
    expect(fixture.cluster.passwordOf(A)).toBe(stored);
  });

  it('names the command that removes it, if only this step is left', async () => {
    await leavePending(fixture.aws.add('orders', 'garbage'));
    const { store } = fixture.aws.secret('orders');
    replace(store, 'removeLabel', (removeLabel) => async () => {
      store.removeLabel = removeLabel;
      throw new SecretStoreError({ action: 'x', code: 'TimeoutError', kind: 'unavailable', explanation: 'x' });
    });
    fixture.passwords.push(OLD_PASSWORD);

    const { code, out } = await fixture.run([...SINGLE, '--yes']);
    const [, advised = ''] = /`zilliz-rotation (repair orders[^`]*)`/.exec(out.replaceAll(/\s+/g, ' ')) ?? [];
    const repaired = await fixture.run([...advised.split(' '), '--yes']);

    expect([code, repaired.code]).toEqual([3, 0]);
    expect(store.holder(AWSPENDING)).toBeUndefined();
  });

  it('keeps it if the cluster accepts AWSCURRENT and the rotation may be running', async () => {
    const { store } = fixture.aws.add('orders', documentOf(OLD_PASSWORD));
    await leavePending(fixture.aws.secret('orders'));
    // setSecret has begun, and sends the password at any moment. Only AWSPENDING names its version.
    afterFirstRemoval(fixture.aws.secret('orders'), () => fixture.cluster.setByHand(A, NEW_PASSWORD));

    const { code, out } = await fixture.run([...SINGLE, '--yes']);

    expect(code).toBe(0);
    expect(out).toContain('orders: in order');
    expect([store.holder(AWSPENDING), fixture.cluster.passwordOf(A)]).toEqual(['token-1', OLD_PASSWORD]);
  });
});

describe('init with an admin credential', () => {
  beforeEach(() => {
    fixture.cluster.dropUser(A);
    addAdmin(fixture);
  });

  it('asks for the password of a user that exists', async () => {
    fixture.cluster.addUser(A, OLD_PASSWORD);
    expect(await fixture.fail(...SINGLE, ...ADMIN, '--yes')).toBe('5 password-needed');
    fixture.passwords.push(OLD_PASSWORD);

    expect((await fixture.run([...SINGLE, ...ADMIN, '--yes'])).code).toBe(0);
    expect(fixture.adminCluster.requests).toEqual([]);
  });

  it.each(['root', 'db_admin', 'root_admin'])('never takes %s into rotation', async (username) => {
    fixture.passwords.push('Adm/in"Pass1');

    expect(
      await fixture.fail(...['init', 'orders', '--endpoint', ENDPOINT, '--username', username, ...ADMIN, '--yes']),
    ).toBe('5 admin-user');
    expect(fixture.adminCluster.requests).toEqual([]);
  });

  it('ends if the cluster refuses this credential', async () => {
    fixture.adminCluster.admins.clear();

    expect(await fixture.fail(...SINGLE, ...ADMIN, '--yes')).toBe('3 admin-refused');
    expect(fixture.cluster.passwordOf(A)).toBeUndefined();
  });

  it('believes the login, and not the answer to the creation', async () => {
    const { createUser } = fixture.adminCluster;
    fixture.adminCluster.createUser = async () => ({ kind: 'done' });
    expect(await fixture.fail(...SINGLE, ...ADMIN, '--yes')).toBe('3 unsettled');
    fixture.adminCluster.createUser = async (...args) => {
      await createUser(...args);
      return { kind: 'refused', answer: 'user already exists' };
    };
    const created = await fixture.runJson(...SINGLE, ...ADMIN, '--yes');

    expect([created.code, created.document.outcome]).toEqual([0, 'ready']);
  });
});

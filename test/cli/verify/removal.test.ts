import { beforeEach, describe, expect, it } from 'vitest';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import type { Fixture } from '../support/command-fixture.ts';
import { ENDPOINT } from '../support/rotations.ts';
import { createVerifyWorld, FUNCTION, WITH_ADMIN } from '../support/verify-world.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = createVerifyWorld().fixture;
});

function loseAnswerToCreation(): void {
  fixture.adminCluster.createUser = async (_admin, username, password) => {
    fixture.cluster.addUser(username, password);
    return { kind: 'lost', answer: 'gRPC 14: connection reset' };
  };
}

function letEveryUserCreateUsers(): void {
  const { cluster } = fixture;
  cluster.resetPassword = async ({ token }, username, password) => {
    const [caller = '', ...rest] = token.split(':');
    if (cluster.passwordOf(caller) !== rest.join(':')) {
      return { kind: 'refused', reason: 'unauthenticated', answer: 'gRPC 16: auth check failure' };
    }
    cluster.setByHand(username, password);
    return { kind: 'changed' };
  };
}

function expectNothingLeft(): void {
  expect([...fixture.aws.secrets.keys()]).toEqual(['admin', 'manager']);
  expect(Object.keys(fixture.cluster.passwords)).toEqual(['admin']);
}

describe('verify, at its end', () => {
  it.each<[string, () => unknown]>([
    ['the admin may create no user', () => fixture.adminCluster.admins.clear()],
    ['the admin may have created the user, because the answer is lost', loseAnswerToCreation],
    ['no version can be stored', () => fixture.aws.failing.set('put', 'access-denied')],
    ['every user may create users', letEveryUserCreateUsers],
    ['the rotation cannot be cancelled', () => fixture.aws.failing.set('CancelRotateSecret', 'access-denied')],
  ])('removes everything if %s', async (_, prepare) => {
    prepare();

    expect((await fixture.run([...WITH_ADMIN, '--yes'])).code).not.toBe(0);
    expectNothingLeft();
  });

  it('says what is left if it cannot remove it, and --clean removes it', async () => {
    fixture.aws.failing.set('DeleteSecret', 'throttled');
    const { code, err } = await fixture.run([...WITH_ADMIN, '--yes']);
    expect(code).toBe(3);
    expect(err).toContain('(throttled)');
    fixture.aws.failing.clear();

    const [, advised = ''] = /`zilliz-rotation (verify --clean .*)`/.exec(err) ?? [];
    const cleaned = await fixture.run([...advised.split(' '), '--yes']);

    expect(cleaned.code, cleaned.out).toBe(0);
    expectNothingLeft();
  });

  it('--clean removes only secrets with the name and the tag of this command, and no user of another name', async () => {
    const tags = { 'zilliz:verify': 'user', 'zilliz:verify-user': 'orders', 'zilliz:endpoint': ENDPOINT };
    fixture.cluster.addUser('orders', 'Right/"1');
    Object.assign(fixture.aws.add('milvus/zilliz-verify-0123456789abcdef', '{}').store.tags, tags);
    Object.assign(fixture.aws.add('milvus/orders', '{}').store.tags, tags);
    fixture.aws.add('zilliz-verify-0123456789abcdef', '{}');

    const { code } = await fixture.run(['verify', '--clean', '--admin-secret', 'admin', '--yes']);

    expect(code).toBe(0);
    const left = ['admin', 'manager', 'milvus/orders', 'zilliz-verify-0123456789abcdef'];
    expect([...fixture.aws.secrets.keys()]).toEqual(left);
    expect(fixture.cluster.passwordOf('orders')).toBe('Right/"1');
  });

  it.each([
    ['user', /--clean --admin-secret ADMIN-SECRET`/],
    ['key', /--clean --manager`/],
  ] as const)('advises the option that a removal of a %s needs', async (subject, advised) => {
    const world = createVerifyWorld();
    world.fixture.aws.failing.set('DeleteSecret', 'throttled');
    await world.fixture.run(world.args[subject]);
    world.fixture.aws.failing.clear();

    const { code, out } = await world.fixture.run(['verify', '--clean', '--yes']);

    expect(code).toBe(3);
    expect(out).toMatch(advised);
  });

  it('deletes a key whose creation is not answered, and which a list shows ten seconds later', async () => {
    const { fixture: ofKeys, organization, args } = createVerifyWorld();
    const { create, everyKey } = organization;
    const now = ofKeys.clock.now;
    organization.shows = (keys) =>
      keys.filter(({ name, createdAt = 0 }) => name === 'like' || createdAt + 10_000 <= now());
    organization.create = async (key) => {
      await create.call(organization, key);
      throw new ControlPlaneError('unavailable', 'POST: HTTP 504');
    };

    expect((await ofKeys.run(args.key)).code).toBe(3);

    expect(organization.everyKey.filter((key) => organization.accepts(key))).toEqual(everyKey);
  });

  it('--clean asks the manager of the function that a run has used', async () => {
    const secondArn = `${FUNCTION}-second`;
    const { readFunction } = fixture.aws;
    const read: string[] = [];
    fixture.aws.readFunction = async (arn) => {
      read.push(arn);
      return await readFunction(FUNCTION);
    };
    const { tags } = fixture.aws.add('milvus/zilliz-verify-0123456789abcdef', '{}').store;
    Object.assign(tags, { 'zilliz:verify': 'key', 'zilliz:verify-function': secondArn });

    expect((await fixture.run(['verify', '--clean', '--manager', '--yes'])).code).toBe(0);

    expect(read).toEqual([secondArn]);
  });

  it('removes a secret whose name continues a prefix without a slash, and names none on stdout', async () => {
    fixture.aws.environment['ROTATED_SECRETS'] = 'team-*';

    const { out, err } = await fixture.run([...WITH_ADMIN, '--yes']);

    expect(err).toContain('team-');
    expect(out.length).toBeGreaterThan(1000);
    expect(out).not.toMatch(/arn:|\d{12}|team-|zverify_|milvus\.example/);
    expectNothingLeft();
  });

  it('says that a secret is left whose tags are gone, because it removes nothing of others', async () => {
    const { createSecret } = fixture.aws.rotation;
    fixture.aws.rotation.createSecret = async (created) => await createSecret({ ...created, tags: {} });

    expect(await fixture.fail(...WITH_ADMIN, '--yes')).toBe('3 not-removed');
    expect(fixture.aws.secrets.size).toBe(4);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import type { Fixture } from '../support/command-fixture.ts';
import { documentOf, ENDPOINT } from '../support/rotations.ts';
import { COMMON, createVerifyWorld, FUNCTION, WITH_ADMIN } from '../support/verify-world.ts';

const WITHOUT_FUNCTION = WITH_ADMIN.filter((arg) => arg !== '--function' && arg !== FUNCTION);

let fixture: Fixture;

beforeEach(() => {
  fixture = createVerifyWorld().fixture;
});

/** The changes of secrets. */
function changes(): readonly string[] {
  return fixture.aws.calls.filter((call) =>
    /^(Create|Delete|Rotate|Cancel|put|promote|addLabel|removeLabel)/.test(call),
  );
}

describe('verify', () => {
  it('shows its plan, and changes nothing without a yes', async () => {
    const { code, out, err } = await fixture.run(WITH_ADMIN);

    expect(code).toBe(5);
    expect(err).toMatch(/1\. .*zilliz-verify-.*\n.*2\. .*zverify_[0-9a-f]{24} /);
    expect(out).toContain('consent-needed');
    expect([changes(), fixture.adminCluster.requests]).toEqual([[], []]);
  });

  it.each([
    [
      'below the folder of the function',
      { ROTATED_SECRETS: 'orders-??????,milvus/*' },
      / milvus\/SECRET, and p\/\S+ with/,
    ],
    ['without pins if the environment has them', { SECRET_TARGETS: '{"orders":{"username":"a"}}' }, / SECRET, with/],
    ['without pins if it needs none', { SECRET_TARGETS: 'pins:p/stack:2' }, / SECRET, with/],
  ])('plans a secret that the only function of the account accepts: %s', async (_, environment, planned) => {
    Object.assign(fixture.aws.environment, environment);

    const { err } = await fixture.run(WITHOUT_FUNCTION);

    expect(err.replaceAll(/zilliz-verify-[0-9a-f]{16}/g, 'SECRET')).toMatch(planned);
    expect(err).toContain(`with ${FUNCTION}`);
  });

  it.each([
    ['secret-not-accepted', { ROTATED_SECRETS: 'orders-??????' }, WITH_ADMIN],
    ['secret-not-accepted', { ROTATED_SECRETS: '444455556666:milvus/*' }, WITH_ADMIN],
    ['secret-not-accepted', { ROTATED_SECRETS: 'milvus/*', SECRET_TARGETS: 'pins:p/stack:2:all' }, WITH_ADMIN],
    // A function of another product, which the operator or a secret names.
    ['function-needed', {}, WITH_ADMIN],
    ['function-needed', {}, WITHOUT_FUNCTION],
    ['endpoint-refused', { ALLOWED_ENDPOINTS: 'milvus.example.com' }, WITH_ADMIN],
    ['no-manager', { MANAGER_SECRET_ARN: '' }, [...COMMON, '--manager', '--like', 'key-1']],
    ['password-rejected', {}, [...COMMON, '--users', 'app_a,app_b']],
    ['admin-user', {}, [...COMMON, '--users', 'app_a,root']],
    ['cluster-unavailable', {}, [...COMMON, '--users', 'app_a,app_b']],
    ['user-in-use', {}, [...COMMON, '--users', 'app_b,app_a']],
    ['user-in-use', {}, [...COMMON, '--users', 'app_a,app_c']],
  ])('refuses before any change: %s', async (code, environment, args) => {
    if (code === 'function-needed') {
      delete fixture.aws.environment['ROTATED_SECRETS'];
    }
    Object.assign(fixture.aws.environment, environment);
    fixture.cluster.addUser('app_a', 'Right/"1');
    fixture.cluster.addUser('app_b', 'Right/"1');
    fixture.cluster.addUser('app_c', 'Right/"1');
    fixture.cluster.reachable = code !== 'cluster-unavailable';
    fixture.cluster.roles = { app_b: ['public', 'reader'] };
    const atOtherAddress = documentOf('Right/"1', { username: 'app_c' }).replace(':19530', '');
    fixture.aws.add('orders', atOtherAddress);
    fixture.passwords.push(...(code === 'password-rejected' ? ['Wrong/"password1'] : ['Right/"1', 'Right/"1']));

    expect(await fixture.fail(...args, '--yes')).toBe(`5 ${code}`);
    expect(changes()).toEqual([]);
  });

  it('says in its plan which secrets it could not read, because one may hold a throw-away user', async () => {
    fixture.cluster.addUser('app_a', 'Right/"1').addUser('app_b', 'Right/"1');
    fixture.aws.add('orders', documentOf('Right/"1', { username: 'app_c' }));
    fixture.passwords.push('Right/"1', 'Right/"1');
    fixture.aws.failing.set('read', 'access-denied');

    const { code, err } = await fixture.run([...COMMON, '--users', 'app_a,app_b']);

    expect(code).toBe(5);
    expect(err).toMatch(/2\. .*app_a and app_b .*orders/);
    expect(changes()).toEqual([]);
  });

  it('names the account and the region whose secrets name no function', async () => {
    fixture.aws.secrets.clear();

    const { code, err } = await fixture.run([...WITHOUT_FUNCTION, '--yes', '--json']);

    expect(code).toBe(5);
    expect(err).toMatch(/account 000000000000, us-east-1 name no rotation function/);
  });

  it('ends as interrupted if Ctrl-C lets a request fail before the plan', async () => {
    fixture.interruption.abort();
    fixture.aws.failing.set('GetFunctionConfiguration', 'unreachable');

    expect(await fixture.fail(...WITH_ADMIN, '--yes')).toBe('130 interrupted');
    expect(changes()).toEqual([]);
  });

  it.each([
    ['the id of a temporary key', 'key', { endpoint: ENDPOINT, apiKeyId: 'key-00000000000002' }],
    ['no user, because an admin of the function would reset its password', 'user', {}],
  ] as const)('pins %s', async (_, subject, pins) => {
    const world = createVerifyWorld();
    const { rotation } = world.fixture.aws;
    const { createSecret } = rotation;
    const created = new Map<string, string>();
    rotation.createSecret = async (secret) => {
      created.set(secret.name, secret.value);
      return await createSecret(secret);
    };

    await world.fixture.run(world.args[subject]);

    const [name = '', pinsName = ''] = created.keys();
    expect(created.get(pinsName)).toBe(formatPins({ [name]: pins }));
  });

  it('names no secret in the document of a refusal, but on stderr', async () => {
    fixture.aws.environment['ROTATED_SECRETS'] = 'payroll-??????';

    const { code, out, err } = await fixture.run([...WITH_ADMIN, '--yes', '--json']);

    expect(code).toBe(5);
    expect(out).not.toContain('payroll');
    expect(err).toContain('payroll-??????');
  });
});

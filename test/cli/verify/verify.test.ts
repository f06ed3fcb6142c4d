import { beforeEach, describe, expect, it } from 'vitest';
import { TRAIL_EVENTS } from '../../../cli/aws/aws.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import type { FakeRotation, FakeSecret } from '../support/fake-aws.ts';
import { documentOfUser, ENDPOINT } from '../support/rotations.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';
const ADMIN_PASSWORD = 'Adm"in/\\Pass+1';
const ARGS = ['verify', '--function', FUNCTION, '--endpoint', ENDPOINT, '--admin-secret', 'admin'];

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture();
  fixture.cluster.addUser('admin', ADMIN_PASSWORD);
  fixture.adminCluster.admins.add(`admin:${ADMIN_PASSWORD}`);
  fixture.aws.add('admin', documentOfUser('admin', ADMIN_PASSWORD));
});

/** The changes of secrets. */
function changes(): readonly string[] {
  return fixture.aws.calls.filter((call) =>
    /^(Create|Delete|Rotate|Cancel|put|promote|addLabel|removeLabel)/.test(call),
  );
}

function expectNothingLeft(): void {
  expect([...fixture.aws.secrets.keys()]).toEqual(['admin']);
  expect(Object.keys(fixture.cluster.passwords)).toEqual(['admin']);
}

/** Makes each secret that the command creates rotate like this. */
function rotateWith(rotate: (rotation: FakeRotation, secret: FakeSecret) => void): void {
  const { createSecret } = fixture.aws.rotation;
  fixture.aws.rotation.createSecret = async (created) => {
    const outcome = await createSecret(created);
    const secret = fixture.aws.secret(created.name);
    secret.rotate = (rotation) => rotate(rotation, secret);
    return outcome;
  };
}

describe('verify', () => {
  it('shows its plan, and changes nothing without a yes', async () => {
    const { code, out } = await fixture.run(ARGS);

    expect(code).toBe(5);
    expect(out).toMatch(/1\. Create the secret zilliz-verify-.*\n.*2\. Create the user zverify_/);
    expect(out).toContain('consent-needed');
    expect([changes(), fixture.adminCluster.requests]).toEqual([[], []]);
  });

  it('finds the only function that secrets of the account name', async () => {
    fixture.aws.environment['ROTATED_SECRETS'] = 'milvus/*';
    const args = ARGS.filter((arg) => arg !== '--function' && arg !== FUNCTION);

    expect((await fixture.run(args)).out).toMatch(new RegExp(`secret milvus/zilliz-verify-[^]*with ${FUNCTION}`));
  });

  it.each([
    ['secret-not-accepted', { ROTATED_SECRETS: 'orders-??????' }, ARGS],
    ['endpoint-refused', { ALLOWED_ENDPOINTS: 'milvus.example.com' }, ARGS],
    ['function-needed', {}, ARGS.filter((arg) => arg !== '--function' && arg !== FUNCTION)],
    ['no-manager', {}, [...ARGS.slice(0, 5), '--manager', '--like', 'key-1']],
    ['password-rejected', {}, [...ARGS.slice(0, 5), '--users', 'app_a,app_b']],
    ['admin-user', {}, [...ARGS.slice(0, 5), '--users', 'app_a,root']],
  ])('refuses before any change: %s', async (code, environment, args) => {
    Object.assign(fixture.aws.environment, environment);
    fixture.cluster.addUser('app_a', 'Right/"1');
    fixture.passwords.push(...(code === 'admin-user' ? ['Right/"1'] : []));

    const ended = await fixture.runJson(...args, '--yes');

    expect([ended.code, ended.document.error.code]).toEqual([5, code]);
    expect(changes()).toEqual([]);
  });

  it('refuses a function whose role may not rotate the secret', async () => {
    fixture.aws.inspection.account.denied.add('secretsmanager:PutSecretValue');

    expect((await fixture.runJson(...ARGS, '--yes')).document.error.code).toBe('role-denied');
    expect(changes()).toEqual([]);
  });

  it.each(['createUser', 'put', 'CancelRotateSecret'])('removes everything after a failure of %s', async (failing) => {
    fixture.aws.failing.set(failing, 'access-denied');
    if (failing === 'createUser') {
      fixture.adminCluster.admins.clear();
    }

    const { code } = await fixture.run([...ARGS, '--yes']);

    expect(code).not.toBe(0);
    expectNothingLeft();
  });

  it('removes everything after a lost answer, because the admin may have created the user', async () => {
    fixture.adminCluster.createUser = async (_admin, username, password) => {
      fixture.cluster.addUser(username, password);
      return { kind: 'lost', answer: 'gRPC 14: connection reset' };
    };

    expect((await fixture.run([...ARGS, '--yes'])).code).toBe(3);
    expectNothingLeft();
  });

  it('says what is left if it cannot remove it, and --clean removes it', async () => {
    fixture.aws.failing.set('DeleteSecret', 'throttled');
    const { code, document } = await fixture.runJson(...ARGS, '--yes');
    expect([code, document.error.code]).toEqual([3, 'throttled']);
    fixture.aws.failing.clear();

    const cleaned = await fixture.run(['verify', '--clean', '--admin-secret', 'admin', '--yes']);

    expect(cleaned.code, cleaned.out).toBe(0);
    expectNothingLeft();
  });

  it('with --slow, sees the retries of a failed rotation and the events of CloudTrail', async () => {
    rotateWith(({ token, at, log, put, promote }, { arn, store }) => {
      const value = store.valueOf(store.holder('AWSCURRENT') ?? '') ?? '';
      if (value !== '{}') {
        put(value);
        promote();
        store.removePendingByHand();
        return;
      }
      for (const pause of [0, 2000, 4000]) {
        at(pause, () => log(STEP_EVENT.started, 'createSecret'));
      }
      const events = TRAIL_EVENTS.filter((name) => name !== 'RotationSucceeded');
      for (const name of events) {
        fixture.aws.trailEvents.push({
          name,
          at: fixture.clock.now(),
          secretId: arn,
          versionId: token,
          principal: 'x',
        });
      }
    });

    const { document } = await fixture.runJson(...ARGS, '--yes', '--slow');

    const checks = document.checks as Array<{ id: string; verdict: string; seen: string; code: string[] }>;
    const seen = Object.fromEntries(checks.map(({ id, verdict, seen: text }) => [id, `${verdict}: ${text}`]));
    expect(seen).toMatchObject({
      'sm-retries': 'holds: a second attempt with the same token begins with createSecret',
      'aws-retries': 'holds: 2 retries, after 2 s, 2 s',
      'aws-events': expect.stringMatching(
        /^differs: .*RotationStarted, RotationFailed .*no RotationSucceeded within 15 min/,
      ),
      'sm-events': 'holds: CloudTrail has RotationAbandoned with the ARN of the secret',
    });
    expectNothingLeft();
  });

  it('with an API key, deletes every key that it created, also later with --clean --manager', async () => {
    const organization = new InMemoryControlPlane();
    const scope = { orgRole: 'Billing-Admin', projects: [] };
    const like = organization.createByHand({ name: 'like', description: 'of an application', scope });
    fixture.cluster.acceptsKey = (key) => organization.accepts(key);
    fixture.connectControlPlane = () => organization;
    fixture.aws.environment['MANAGER_SECRET_ARN'] = fixture.aws.add('manager', 'manager-key').arn;
    const args = ['verify', '--function', FUNCTION, '--endpoint', ENDPOINT, '--manager', '--like', like.id, '--yes'];
    const ids = async () => (await organization.list()).map(({ id }) => id);

    const first = await fixture.run(args);
    expect(first.out).toContain('a second key with the same name');
    expect(await ids()).toEqual([like.id]);

    const remove = organization.delete.bind(organization);
    organization.delete = () => Promise.reject(new ControlPlaneError('unavailable', 'HTTP 500'));
    expect((await fixture.run(args)).code).toBe(3);
    expect((await ids()).length).toBeGreaterThan(1);
    organization.delete = remove;
    expect((await fixture.run(['verify', '--clean', '--yes'])).code).toBe(3);
    expect((await ids()).length).toBeGreaterThan(1);

    const cleaned = await fixture.run(['verify', '--clean', '--function', FUNCTION, '--manager', '--yes']);

    expect(cleaned.code, cleaned.out).toBe(0);
    expect(await ids()).toEqual([like.id]);
    expect([...fixture.aws.secrets.keys()]).toEqual(['admin', 'manager']);
  });
});

import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, SECOND_USER, SECOND_USERS_PASSWORD, USER } from '../../support/rotation-world.ts';
import { fixture, SECRET, secret, useAlternatingUsers, world } from '../support/alternating-fixture.ts';
import { NEW_PASSWORD, successfulRotation } from '../support/rotations.ts';

useAlternatingUsers();

const ROTATE_BOTH = ['rotate', SECRET, '--both-users'];

function rotationsStarted(): number {
  return fixture.aws.calls.filter((call) => call === `RotateSecret ${SECRET}`).length;
}

describe('rotate with two users that take turns', () => {
  it('does not send the password of an unexpected user, and says what to allow', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    const { code, out } = await fixture.run(['rotate', SECRET]);

    expect(code).toBe(7);
    expect(out).toContain('(other-user)');
    expect(out).toContain('allow lambda:GetFunctionConfiguration');
  });

  it('starts nothing within the minimum gap', async () => {
    await fixture.run(['rotate', SECRET]);

    const { code, document } = await fixture.runJson('rotate', SECRET);

    expect(code).toBe(5);
    expect(rotationsStarted()).toBe(1);
    expect(document.secrets[0].error).toMatchObject({
      code: 'ROTATED_TOO_RECENTLY',
      advice: expect.stringContaining(`\`zilliz-rotation rotate ${SECRET} --both-users `),
    });
    expect(document.secrets[0].error.advice.match(/zilliz-rotation rotate/g)).toHaveLength(1);
    expect(document.secrets[0].error.advice).not.toContain('zilliz-rotation repair');
    expect((await fixture.run([...ROTATE_BOTH, '--yes'])).code).toBe(0);
  });
});

it('rotate prints the message of the function within the minimum gap if the command cannot log in', async () => {
  await fixture.run(['rotate', SECRET]);
  failLoginsOfCommand();

  const { code, document } = await fixture.runJson('rotate', SECRET);

  expect(code).toBe(3);
  expect(document.secrets[0].error).toMatchObject({
    code: 'ROTATED_TOO_RECENTLY',
    step: 'createSecret',
    retryable: false,
    inForce: 'current',
  });
});

/** The cluster answers the function only. */
function failLoginsOfCommand(): void {
  const { cluster } = fixture;
  const ofFunction = {
    authenticates: cluster.authenticates.bind(cluster),
    changePassword: cluster.changePassword.bind(cluster),
    resetPassword: cluster.resetPassword.bind(cluster),
  };
  const ports = world.ports.bind(world);
  world.ports = () => ({ ...ports(), cluster: ofFunction });
  cluster.authenticates = async () => ({ kind: 'forbidden' });
}

describe('rotate --both-users', () => {
  it('replaces both passwords within the minimum gap and proves both logins', async () => {
    await fixture.run(['rotate', SECRET]);
    const leaked = world.passwordIn(AWSCURRENT);

    const { code, document } = await fixture.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(0);
    expect(document.secrets.map(({ login }: { login: { username: string } }) => login.username)).toEqual([
      USER,
      SECOND_USER,
    ]);
    for (const { versionId } of document.secrets) {
      expect(versionId).toMatch(/^without-gap-[0-9a-f-]{36}$/);
    }
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
    expect(fixture.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
    expect([leaked, SECOND_USERS_PASSWORD]).not.toContain(fixture.cluster.passwordOf(SECOND_USER));
  });

  it('stops after a first rotation that failed', async () => {
    fixture.cluster.setByHand(SECOND_USER, 'Changed-in-the-console-1');

    const { code, document } = await fixture.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(3);
    expect(document.secrets).toHaveLength(1);
    expect(fixture.cluster.passwordOf(USER)).toBe(FIRST_PASSWORD);
    expect(rotationsStarted()).toBe(1);
  });

  it('continues with the advised command after a failure of the second rotation', async () => {
    fixture.cluster.refuses = () => fixture.cluster.passwordOf(SECOND_USER) !== SECOND_USERS_PASSWORD;

    const { code, document } = await fixture.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(3);
    const [first, second] = document.secrets;
    expect(first.outcome).toBe('rotated');
    expect(second.outcome).toBe('failed');

    fixture.cluster.refuses = () => false;
    expect((await fixture.run(document.again.split(' ').slice(1))).code).toBe(0);
    expect(fixture.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
  });

  it('rotates both users from a machine whose logins get no answer, and leads to exit code 7', async () => {
    failLoginsOfCommand();

    const { code, document } = await fixture.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(7);
    expect(document.secrets).toHaveLength(2);
    expect(fixture.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
    expect(fixture.cluster.passwordOf(SECOND_USER)).not.toBe(SECOND_USERS_PASSWORD);
  });

  it('leaves the secret out if the command does not know the users', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');
    const { code, document } = await fixture.runJson(...ROTATE_BOTH, '--yes');
    expect(code).toBe(5);
    expect(document.plan.leftOut[0].code).toBe('users-unknown');
  });

  it('rotates the only user of another secret once', async () => {
    const value = document(NEW_PASSWORD, { username: 'single', token: `single:${NEW_PASSWORD}` });
    fixture.cluster.addUser('single', FIRST_PASSWORD);
    fixture.aws.add('single', document(FIRST_PASSWORD, { username: 'single' }), {
      rotate: successfulRotation(fixture.cluster, value),
    });

    const { code, document: result } = await fixture.runJson(...ROTATE_BOTH, 'single', '--yes');

    expect(code).toBe(0);
    expect(result.secrets.map((report: { secret: string }) => report.secret)).toEqual([SECRET, SECRET, 'single']);
  });
});

describe('rotate --both-users --older-than', () => {
  const again = [...ROTATE_BOTH, '--yes', '--older-than', '1h'];

  function oldPasswords(): readonly boolean[] {
    const { cluster } = fixture;
    return [cluster.passwordOf(USER) === FIRST_PASSWORD, cluster.passwordOf(SECOND_USER) === SECOND_USERS_PASSWORD];
  }

  it.each([1, 2])('continues after Ctrl-C in rotation %i of 2: leaves out what is done', async (interrupted) => {
    const { rotate } = secret;
    let rotations = 0;
    secret.rotate = (rotation) => {
      if (typeof rotate === 'function') {
        rotate(rotation);
      }
      rotation.at(50, () => ++rotations === interrupted && fixture.interruption.abort());
    };
    const { code, document } = await fixture.runJson(...ROTATE_BOTH, '--yes');
    expect([code, rotationsStarted()]).toEqual([130, interrupted]);

    // The rotation that runs ends in AWS.
    fixture.interruption = new AbortController();
    await fixture.clock.sleep(10_000, fixture.interruption.signal);
    expect((await fixture.run(document.again.split(' ').slice(1))).code).toBe(0);

    expect([rotationsStarted(), oldPasswords()]).toEqual([interrupted === 2 ? 2 : 3, [false, false]]);
  });

  it.each<[who: string, replace: () => unknown]>([
    ['one rotation', async () => await fixture.run(['rotate', SECRET])],
    [
      'a person',
      () => ['edit-1', 'edit-2'].map((id) => secret.store.storeByHand(id, world.secret.valueOf('v0') ?? '')),
    ],
  ])('replaces passwords again that %s has replaced since', async (_, replace) => {
    await replace();

    expect((await fixture.run(again)).code).toBe(0);

    expect(oldPasswords()).toEqual([false, false]);
  });

  it('does not leave out a secret with a rotation that has not ended, which may set a password from before', async () => {
    expect((await fixture.run(again)).code).toBe(0);
    expect((await fixture.run(again)).out).toContain('Every selected secret has rotated');
    secret.store.startRotation('token-1');

    const { code, document } = await fixture.runJson(...again);

    expect([code, document.secrets[0]?.error.code]).toEqual([5, 'previous-incomplete']);
  });
});

import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, SECOND_USER, SECOND_USERS_PASSWORD, USER } from '../../support/rotation-world.ts';
import { NEW_PASSWORD, successfulRotation } from '../support/rotations.ts';
import { rotated, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('two');

const ROTATE_BOTH = ['rotate', SECRET, '--both-users'];

function rotationsStarted(): number {
  return world.aws.calls.filter((call) => call === `RotateSecret ${SECRET}`).length;
}

describe('rotate with two users that take turns', () => {
  it('does not send the password of an unexpected user, and says what to allow', async () => {
    world.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    const { code, out } = await world.run(['rotate', SECRET]);

    expect(code).toBe(7);
    expect(out).toContain('(other-user)');
    expect(out).toContain('allow lambda:GetFunctionConfiguration');
  });

  it('starts nothing within the minimum gap', async () => {
    await world.run(['rotate', SECRET]);

    const { code, document } = await world.runJson('rotate', SECRET);

    expect(code).toBe(5);
    expect(rotationsStarted()).toBe(1);
    expect(document.secrets[0].error).toMatchObject({
      code: 'ROTATED_TOO_RECENTLY',
      advice: expect.stringContaining(`\`zilliz-rotation rotate ${SECRET} --both-users `),
    });
    expect(document.secrets[0].error.advice.match(/zilliz-rotation rotate/g)).toHaveLength(1);
    expect(document.secrets[0].error.advice).not.toContain('zilliz-rotation repair');
    expect((await world.run([...ROTATE_BOTH, '--yes'])).code).toBe(0);
  });
});

it('rotate prints the message of the function within the minimum gap if the command cannot log in', async () => {
  await world.run(['rotate', SECRET]);
  failLoginsOfCommand();

  const { code, document } = await world.runJson('rotate', SECRET);

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
  const { cluster } = world;
  const ofFunction = {
    authenticates: cluster.authenticates.bind(cluster),
    changePassword: cluster.changePassword.bind(cluster),
    resetPassword: cluster.resetPassword.bind(cluster),
  };
  const ports = rotated.ports.bind(rotated);
  rotated.ports = () => ({ ...ports(), cluster: ofFunction });
  cluster.authenticates = async () => ({ kind: 'forbidden' });
}

describe('rotate --both-users', () => {
  it('replaces both passwords within the minimum gap and proves both logins', async () => {
    await world.run(['rotate', SECRET]);
    const leaked = rotated.passwordIn(AWSCURRENT);

    const { code, document } = await world.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(0);
    expect(document.secrets.map(({ login }: { login: { username: string } }) => login.username)).toEqual([
      USER,
      SECOND_USER,
    ]);
    for (const { versionId } of document.secrets) {
      expect(versionId).toMatch(/^without-gap-[0-9a-f-]{36}$/);
    }
    expect([rotated.logsIn(AWSCURRENT), rotated.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
    expect(world.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
    expect([leaked, SECOND_USERS_PASSWORD]).not.toContain(world.cluster.passwordOf(SECOND_USER));
  });

  it('stops after a first rotation that failed', async () => {
    world.cluster.setByHand(SECOND_USER, 'Changed-in-the-console-1');

    const { code, document } = await world.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(3);
    expect(document.secrets).toHaveLength(1);
    expect(world.cluster.passwordOf(USER)).toBe(FIRST_PASSWORD);
    expect(rotationsStarted()).toBe(1);
  });

  it('continues with the advised command after a failure of the second rotation', async () => {
    world.cluster.refuses = () => world.cluster.passwordOf(SECOND_USER) !== SECOND_USERS_PASSWORD;

    const { code, document } = await world.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(3);
    const [first, second] = document.secrets;
    expect(first.outcome).toBe('rotated');
    expect(second.outcome).toBe('failed');

    world.cluster.refuses = () => false;
    expect((await world.run(document.again.split(' ').slice(1))).code).toBe(0);
    expect(world.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
  });

  it('rotates both users from a machine whose logins get no answer, and leads to exit code 7', async () => {
    failLoginsOfCommand();

    const { code, document } = await world.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(7);
    expect(document.secrets).toHaveLength(2);
    expect(world.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
    expect(world.cluster.passwordOf(SECOND_USER)).not.toBe(SECOND_USERS_PASSWORD);
  });

  it('leaves the secret out if the command does not know the users', async () => {
    world.aws.failing.set('GetFunctionConfiguration', 'access-denied');
    const { code, document } = await world.runJson(...ROTATE_BOTH, '--yes');
    expect(code).toBe(5);
    expect(document.plan.leftOut[0].code).toBe('users-unknown');
  });

  it('rotates the only user of another secret once', async () => {
    const value = document(NEW_PASSWORD, { username: 'single' });
    world.cluster.addUser('single', FIRST_PASSWORD);
    world.aws.add('single', document(FIRST_PASSWORD, { username: 'single' }), {
      rotate: successfulRotation(world.cluster, value),
    });

    const { code, document: result } = await world.runJson(...ROTATE_BOTH, 'single', '--yes');

    expect(code).toBe(0);
    expect(result.secrets.map((report: { secret: string }) => report.secret)).toEqual([SECRET, SECRET, 'single']);
  });
});

describe('rotate --both-users --older-than', () => {
  const again = [...ROTATE_BOTH, '--yes', '--older-than', '1h'];

  function oldPasswords(): readonly boolean[] {
    const { cluster } = world;
    return [cluster.passwordOf(USER) === FIRST_PASSWORD, cluster.passwordOf(SECOND_USER) === SECOND_USERS_PASSWORD];
  }

  it.each([1, 2])('continues after Ctrl-C in rotation %i of 2: leaves out what is done', async (interrupted) => {
    const { rotate } = secret;
    let rotations = 0;
    secret.rotate = (rotation) => {
      if (typeof rotate === 'function') {
        rotate(rotation);
      }
      rotation.at(50, () => ++rotations === interrupted && world.interruption.abort());
    };
    const { code, document } = await world.runJson(...ROTATE_BOTH, '--yes');
    expect([code, rotationsStarted()]).toEqual([130, interrupted]);

    // The rotation that runs ends in AWS.
    world.interruption = new AbortController();
    await world.clock.sleep(10_000, world.interruption.signal);
    expect((await world.run(document.again.split(' ').slice(1))).code).toBe(0);

    expect([rotationsStarted(), oldPasswords()]).toEqual([interrupted === 2 ? 2 : 3, [false, false]]);
  });

  it.each<[who: string, replace: () => unknown]>([
    ['one rotation', async () => await world.run(['rotate', SECRET])],
    [
      'a person',
      () => ['edit-1', 'edit-2'].map((id) => secret.store.storeByHand(id, rotated.secret.valueOf('v0') ?? '')),
    ],
  ])('replaces passwords again that %s has replaced since', async (_, replace) => {
    await replace();

    expect((await world.run(again)).code).toBe(0);

    expect(oldPasswords()).toEqual([false, false]);
  });

  it('does not leave out a secret with a rotation that has not ended, which may set a password from before', async () => {
    expect((await world.run(again)).code).toBe(0);
    expect((await world.run(again)).out).toContain('Every selected secret has rotated');
    secret.store.startRotation('token-1');

    expect(await world.fail(...again)).toBe('5 previous-incomplete');
  });
});

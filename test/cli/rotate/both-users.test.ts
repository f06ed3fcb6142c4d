import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { FIRST_PASSWORD, SECOND_USER, SECOND_USERS_PASSWORD, USER } from '../../support/rotation-world.ts';
import { createFunctionFixture, fixture, SECRET, useAlternatingUsers, world } from '../support/alternating-fixture.ts';

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
    const started = rotationsStarted();
    expect((await fixture.run(document.again.split(' ').slice(1))).code).toBe(0);
    expect(rotationsStarted()).toBe(started);
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
    const { fixture: single } = await createFunctionFixture('one');

    const { code, document } = await single.runJson(...ROTATE_BOTH, '--yes');

    expect(code).toBe(0);
    expect(document.secrets).toMatchObject([{ secret: SECRET, outcome: 'rotated' }]);
  });
});

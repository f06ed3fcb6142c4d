import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../protocol/cluster/cluster.ts';
import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING } from '../../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../../support/rotation-world.ts';

/**
 * Copies the current value to AWSPENDING, as Secrets Manager does before it calls testSecret alone
 * to test a new schedule.
 */
async function copyOfCurrent(world: RotationWorld): Promise<void> {
  await world.secret.put({ versionId: 'copy', value: document(FIRST_PASSWORD), labels: [AWSPENDING] });
}

describe('testSecret', () => {
  it('passes on a copy of the current value', async () => {
    const world = new RotationWorld();
    await copyOfCurrent(world);
    expect(await world.step('testSecret', 'copy')).toBe('tested');
    expect(world.now).toBe(0);
  });

  it('fails after two logins, six seconds apart, if the copy of the current value does not log in', async () => {
    const world = new RotationWorld();
    world.secret.storeByHand('v1', document(FIRST_PASSWORD));
    await copyOfCurrent(world);
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    await expect(world.step('testSecret', 'copy')).rejects.toMatchObject({
      code: 'CURRENT_REJECTED',
      retryable: true,
      advice: expect.stringMatching(/root coordinator.*placeholder/),
    });
    expect(world.cluster.received).toHaveLength(2);
    expect(world.now).toBe(6000);
  });

  it('passes, with a warning, on the placeholder of a new secret, but no rotation starts from it', async () => {
    const world = new RotationWorld();
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    await copyOfCurrent(world);
    expect(await world.step('testSecret', 'copy')).toBe('not-tested');
    expect(world.story).toContainEqual({ event: 'placeholder' });
    world.secret.removePendingByHand();
    expect(await world.attempt('t1')).toMatchObject({ code: 'NONE_IN_FORCE' });
  });

  it('passes if a proxy rejects the copy of the current value only at the first login', async () => {
    const world = new RotationWorld();
    await copyOfCurrent(world);
    let logins = 0;
    const authenticates: Cluster['authenticates'] = async (credentials) =>
      logins++ === 0 ? { kind: 'rejected' } : await world.cluster.authenticates(credentials);
    expect(await world.step('testSecret', 'copy', world.portsWith({ cluster: { authenticates } }))).toBe('tested');
    expect(world.story).toContainEqual({ event: 'search-repeated', waitMs: 6000 });
  });

  it('does not compare a user with itself, if a deployment lets users take turns meanwhile', async () => {
    const world = await new RotationWorld().runBefore('testSecret');
    await world.alternateUsers();
    expect(await world.step('testSecret', 't1')).toBe('tested');
    expect(world.story).not.toContainEqual({ event: 'current-rejected', username: USER });
  });

  it('fails if the cluster accepts every password, and AWSCURRENT stays', async () => {
    const world = await new RotationWorld().runBefore('testSecret');
    world.cluster.authorization = false;
    await expect(world.step('testSecret', 't1')).rejects.toMatchObject({
      code: 'AUTHORIZATION_OFF',
      step: 'testSecret',
      retryable: false,
    });
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');
  });

  it('never runs if authorization is off before the change: setSecret fails and changes nothing', async () => {
    const world = new RotationWorld();
    world.cluster.authorization = false;
    expect(await world.attempt('t1')).toMatchObject({ code: 'AUTHORIZATION_OFF', step: 'setSecret' });
    expect(world.story.some(({ event }) => event === 'change-asked')).toBe(false);
  });
});

it('a failed call of Secrets Manager fails the step, and the message names the action and the code of AWS', async () => {
  const world = new RotationWorld();
  const details = { action: 'DescribeSecret', code: 'SomeException', kind: 'denied', explanation: 'no' } as const;
  world.secret.describe = () => Promise.reject(new SecretStoreError(details));
  await expect(world.step('createSecret', 't1')).rejects.toThrow(
    /^SECRETS_MANAGER_DENIED: DescribeSecret .*SomeException/,
  );
});

it.each(['setSecret', 'testSecret'] as const)(
  '%s fails if the cluster does not decide the login with a wrong password, which then proves nothing',
  async (step) => {
    // setSecret finds that the pending password is accepted, as after a crash.
    const world = await new RotationWorld().runBefore('testSecret');
    const accepted = world.passwordIn(AWSPENDING);
    const authenticates: Cluster['authenticates'] = ({ password }) =>
      Promise.resolve(password === accepted ? { kind: 'accepted', roles: [] } : { kind: 'forbidden' });
    const ports = world.portsWith({ cluster: { authenticates } });
    await expect(world.step(step, 't1', ports)).rejects.toMatchObject({ code: 'CLUSTER_FORBIDS' });
  },
);

import { describe, expect, it } from 'vitest';
import { SecretStoreError } from '../../../secret/store.ts';
import { AWSCURRENT, AWSPENDING } from '../../../secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

/**
 * What Secrets Manager does when a schedule is configured: testSecret alone, on a copy of the
 * current value.
 */
async function copyOfCurrent(world: RotationWorld): Promise<void> {
  await world.secret.put({ versionId: 'copy', value: document(FIRST_PASSWORD), labels: [AWSPENDING] });
}

describe('testSecret', () => {
  it('passes on a copy of the current value', async () => {
    const world = new RotationWorld();
    await copyOfCurrent(world);
    expect(await world.step('testSecret', 'copy')).toBe('tested');
  });

  it('says that the current value does not log in, at once, when that is all it was asked', async () => {
    const world = new RotationWorld();
    await copyOfCurrent(world);
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    await expect(world.step('testSecret', 'copy')).rejects.toMatchObject({
      code: 'CURRENT_REJECTED',
      retryable: false,
      advice: expect.stringContaining('placeholder'),
    });
    expect(world.cluster.received).toHaveLength(1);
    expect(world.now).toBe(0);
  });

  it('notices that authorization is switched off, when every token passes, and nothing is promoted', async () => {
    const world = new RotationWorld();
    world.cluster.authorization = false;
    expect(await world.attempt('t1')).toMatchObject({
      code: 'AUTHORIZATION_OFF',
      step: 'testSecret',
      retryable: false,
      message: expect.stringContaining('accepts a password that was never set'),
    });
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');
    // Nor was the cluster asked to change anything: the pending password seemed to be in force
    // already.
    expect(world.story.some(({ event }) => event === 'change-asked')).toBe(false);
  });

  it('tells once a rotation that authorization is on', async () => {
    const world = new RotationWorld();
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(world.story.filter(({ event }) => event === 'authorization-checked')).toHaveLength(1);
  });
});

describe('a Secrets Manager that fails', () => {
  it.each([
    ['unavailable', 'SECRETS_MANAGER_UNAVAILABLE', true],
    ['denied', 'SECRETS_MANAGER_DENIED', false],
    ['refused', 'SECRETS_MANAGER_REFUSED', false],
  ] as const)('is told apart: %s', async (kind, code, retryable) => {
    const world = new RotationWorld();
    world.secret.startRotation('t1');
    world.secret.describe = () =>
      Promise.reject(
        new SecretStoreError({ action: 'DescribeSecret', code: 'SomeException', kind, explanation: 'no' }),
      );
    await expect(world.step('createSecret', 't1')).rejects.toMatchObject({
      code,
      retryable,
      message: `${code}: DescribeSecret failed with SomeException: no`,
    });
  });
});

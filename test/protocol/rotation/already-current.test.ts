import { expect, it } from 'vitest';
import { STEPS } from '../../../protocol/rotation/rotation-request.ts';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { RotationWorld } from '../../support/rotation-world.ts';

it.each(STEPS)('%s succeeds after a finished rotation, and logs in with the current password', async (step) => {
  const world = await new RotationWorld().rotate('t1');
  world.cluster.received.length = 0;
  expect(await world.step(step, 't1')).toBe('already-current');
  // finishSecret also logs in with a wrong password, before it removes labels.
  const wrong = step === 'finishSecret' ? ['Generated-password-3'] : [];
  expect(world.cluster.received.map(({ password }) => password)).toEqual(['Generated-password-1', ...wrong]);
});

it('finishSecret removes the sent labels that an earlier run left because it was killed after the promotion', async () => {
  const world = await new RotationWorld().rotate('t1');
  await world.runBefore('finishSecret', 't2');
  const dying = world.portsWith({ store: { removeLabel: () => Promise.reject(new Error('the process dies')) } });
  await world.step('finishSecret', 't2', dying);
  expect(world.secret.labelsOf('t1')).toContain(sentLabel('t1'));

  world.cluster.authorization = false;
  await expect(world.step('finishSecret', 't2')).rejects.toMatchObject({ code: 'AUTHORIZATION_OFF' });
  expect(world.secret.labelsOf('t1')).toContain(sentLabel('t1'));

  world.cluster.authorization = true;
  expect(await world.step('finishSecret', 't2')).toBe('already-current');
  expect(world.secret.labelsOf('t1')).not.toContain(sentLabel('t1'));
});

it.each([
  ['has AWSPENDING', false],
  ['lost AWSPENDING while setSecret runs', true],
])('a repeated finishSecret keeps the sent label of the next rotation, which %s', async (_, lost) => {
  const world = await (await new RotationWorld().rotate('t1')).runBefore('setSecret', 't2');
  if (lost) {
    world.secret.removePendingByHand();
  }
  expect(await world.step('finishSecret', 't1')).toBe('already-current');
  expect(world.secret.labelsOf('t2')).toContain(sentLabel('t2'));
});

it.each(STEPS)('%s fails if a person moved AWSCURRENT to a version whose password was never sent', async (step) => {
  const world = await new RotationWorld().runBefore('setSecret');
  await world.secret.promote({ to: 't1', from: 'v0' });
  await expect(world.step(step, 't1')).rejects.toMatchObject({
    code: 'CURRENT_REJECTED',
    message: expect.stringMatching(/http:\/\/127\.0\.0\.1:19530 .*version t1/),
  });
  await world.rotate('t2');
});

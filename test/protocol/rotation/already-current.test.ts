import { expect, it } from 'vitest';
import { STEPS } from '../../../protocol/rotation/attempt.ts';
import { RotationWorld, USER } from '../../support/rotation-world.ts';

it.each(STEPS)('%s succeeds after a finished rotation, and logs in with the current password', async (step) => {
  const world = await new RotationWorld().rotate('t1');
  world.cluster.received.length = 0;
  expect(await world.step(step, 't1')).toBe('already-current');
  expect(world.cluster.received.map(({ password }) => password)).toEqual(['Generated-password-1']);
});

it.each(STEPS)('%s fails if a person moved AWSCURRENT to a version whose password was never sent', async (step) => {
  const world = await new RotationWorld().runBefore('setSecret');
  await world.secret.promote({ to: 't1', from: 'v0' });
  await expect(world.step(step, 't1')).rejects.toMatchObject({
    code: 'CURRENT_REJECTED',
    message: `CURRENT_REJECTED: Version t1 holds AWSCURRENT already, and http://127.0.0.1:19530 rejects its password of ${USER}.`,
  });
  await world.rotate('t2');
});

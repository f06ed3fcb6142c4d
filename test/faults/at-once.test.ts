import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambda/rotation/attempt.ts';
import { type Actor, everyOrder, interleave } from './interleaving.ts';
import {
  casesOf,
  changeBetweenCalls,
  expectRecovery,
  MANUAL_CHANGES,
  outliveRotation,
  refusePendingOfAnotherUser,
  refuseResetWithoutPins,
  STRATEGIES,
  worldBefore,
} from './scenarios.ts';

const WORKERS = [
  ['each step has a worker of its own', 'single-user', undefined],
  ['one worker runs all steps', 'single-user', 'a worker that remembers each step'],
] as const;

// With two users, setSecret makes so many calls that their orders number millions. The random
// stories run such steps at once.
describe.each(WORKERS)('if %s', (_, strategy, state) => {
  describe('two concurrent invocations of one step', () => {
    it.each(STEPS)('keep every invariant in every order of their calls: %s', async (step) => {
      const orders = await everyOrder(async (choose) => {
        const { world, token } = await worldBefore(step, { strategy }, state);
        const invocation: Actor = (withTurns) => world.invoke(step, token, undefined, withTurns(world.watchedPorts()));
        await interleave([invocation, invocation], choose);
        await expectRecovery(world);
      });
      expect(orders).toBeGreaterThanOrEqual(20);
    });
  });
});

describe.each([...WORKERS, ['two users take turns', 'alternating-users', 'a secret rotated before']] as const)(
  'if %s',
  (_, strategy, state) => {
    describe('a manual change between any two calls of a rotation', () => {
      it.each(casesOf(MANUAL_CHANGES))(
        'breaks no invariant, and the next attempt completes: a person %s',
        async (manualChange) => {
          expect(await changeBetweenCalls(manualChange, { strategy }, state)).toBeGreaterThan(10);
        },
      );
    });

    describe('an invocation that continues after AWSPENDING was removed', () => {
      it.each(STEPS)('breaks no invariant while the next rotation runs: %s', async (step) => {
        await outliveRotation(step, { strategy }, state);
      });
    });
  },
);

it('an admin resets no user that the deployment does not pin', async () => {
  await refuseResetWithoutPins();
});

describe.each(STRATEGIES)('%s: a pending version of another user', (strategy) => {
  it.each(STEPS)('makes %s send nothing', async (step) => {
    await refusePendingOfAnotherUser(step, { strategy });
  });
});

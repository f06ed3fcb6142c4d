import { describe, expect, it } from 'vitest';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { everyOrder } from './interleaving.ts';
import {
  casesOf,
  changeBetweenCalls,
  inRandomOrders,
  MANUAL_CHANGES,
  outliveRotation,
  runAtOnce,
  type Subject,
} from './scenarios.ts';

const WORKERS = [
  ['each step has a worker of its own', 'single-user', undefined],
  ['one worker runs all steps', 'single-user', 'a worker that remembers each step'],
] as const;

describe.each(WORKERS)('if %s', (_, strategy, state) => {
  describe('two concurrent invocations of one step', () => {
    it.each(STEPS)('keep every invariant in every order of their calls: %s', async (step) => {
      const orders = await everyOrder((choose) => runAtOnce(step, choose, { strategy }, state));
      expect(orders).toBeGreaterThanOrEqual(20);
    });
  });
});

describe('if two users take turns', () => {
  const TWO_USERS: Subject = { strategy: 'alternating-users' };

  describe('two concurrent invocations of one step', () => {
    it('keep every invariant in every order of their calls: createSecret', async () => {
      const orders = await everyOrder((choose) => runAtOnce('createSecret', choose, TWO_USERS));
      expect(orders).toBeGreaterThanOrEqual(20);
    });

    // With two users, these steps make so many calls that there are thousands of orders, or
    // millions.
    it.each(['setSecret', 'testSecret', 'finishSecret'] as const)(
      'keep every invariant in 1,000 random orders of their calls: %s',
      async (step) => {
        await inRandomOrders((choose) => runAtOnce(step, choose, TWO_USERS));
      },
    );
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

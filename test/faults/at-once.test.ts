import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../lambda/event.ts';
import { FaultWorld } from './fault-world.ts';
import { type Actor, everyOrder, interleave } from './interleaving.ts';
import { recovers } from './scenarios.ts';

const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_101);

describe('two invocations of one step at once', () => {
  it.each(STEPS)('keep every invariant in every order of their calls: %s', async (step) => {
    const orders = await everyOrder(async (choose) => {
      const world = await before(step);
      const invocation: Actor = (gated) => world.invoke(step, 't1', undefined, gated(world.watchedPorts()));
      await interleave([invocation, invocation], choose);
      await recovers(world);
    });
    expect(orders).toBeGreaterThan(50);
  });
});

describe('a person who interferes between any two calls of a rotation', () => {
  const hands: Record<string, (world: FaultWorld) => void> = {
    'stores another key': (world) => world.storeByHand('another key'),
    'stores a wrong password': (world) => world.storeByHand('a wrong password'),
    'removes AWSPENDING': (world) => world.unstick(),
    'cancels the rotation': (world) => world.cancelRotation(),
    'moves AWSCURRENT back to the version before': (world) => world.moveCurrentBackByHand(),
  };

  it.each(Object.keys(hands))('is respected and harms nothing: %s', async (hand) => {
    await everyOrder(async (choose) => {
      const world = new FaultWorld();
      await world.rotateSecret();
      const person: Actor = async (_, turn) => {
        await turn();
        hands[hand]?.(world);
      };
      await interleave([(gated) => world.rotateSecret({}, () => gated(world.watchedPorts())), person], choose);
      await recovers(world);
    });
  });
});

describe('an invocation that is slow to die', () => {
  it.each(STEPS)('does no harm while its rotation is un-stuck and another runs: %s', async (step) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }), async (turns) => {
        const world = await before(step);
        const slow: Actor = (gated) => world.invoke(step, 't1', undefined, gated(world.watchedPorts()));
        const next: Actor = async (gated, turn) => {
          await turn();
          // No deletion: a version is kept for a day at least, and an invocation lives for minutes.
          world.secret.removePendingByHand();
          await world.rotateSecret({}, () => gated(world.watchedPorts()));
        };
        await interleave([slow, next], (among) => Math.min(turns.shift() ?? 0, among - 1));
        world.unstick();
        await recovers(world);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

/** The world at the moment at which this step is due. */
async function before(step: Step): Promise<FaultWorld> {
  const world = new FaultWorld();
  const token = world.newToken();
  world.secret.startRotation(token);
  for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
    await world.invoke(earlier, token);
  }
  return world;
}

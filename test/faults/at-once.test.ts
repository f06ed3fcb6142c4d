import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambda/event.ts';
import { type Actor, everyOrder, interleave } from './interleaving.ts';
import { due, HANDS, type Hand, interferes, outlives, planted, recovers } from './scenarios.ts';

const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_101);

describe('two invocations of one step at once', () => {
  it.each(STEPS)('keep every invariant in every order of their calls: %s', async (step) => {
    const orders = await everyOrder(async (choose) => {
      const world = await due(step);
      const invocation: Actor = (gated) => world.invoke(step, 't1', undefined, gated(world.watchedPorts()));
      await interleave([invocation, invocation], choose);
      await recovers(world);
    });
    expect(orders).toBeGreaterThan(50);
  });
});

describe('a person who interferes between any two calls of a rotation', () => {
  it.each(Object.keys(HANDS) as Hand[])('is respected and harms nothing: %s', async (hand) => {
    expect(await interferes(hand)).toBeGreaterThan(10);
  });
});

describe('an invocation that is slow to die', () => {
  it.each(STEPS)('does no harm while its rotation is un-stuck and another runs: %s', async (step) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }), async (turns) => {
        await outlives(step, (among) => Math.min(turns.shift() ?? 0, among - 1));
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

it.each(STEPS)('a pending version planted for another user makes nothing be sent in %s', async (step) => {
  await planted(step);
});

import { describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../lambda/event.ts';
import { FAULTS, FAULTS_OF_A_CHANGE, type Fault } from './faults.ts';
import { CONTINUATIONS, type Continuation, goOn, recovers, STARTS, type Start, startIn } from './scenarios.ts';

describe.each(Object.keys(STARTS) as Start[])('starting from %s', (start) => {
  describe.each(STEPS)('one fault in %s', (step) => {
    it.each(Object.keys(CONTINUATIONS) as Continuation[])(
      'is recovered from, whichever call and fault, by: %s',
      async (continuation) => {
        let scenarios = 0;
        for (const { index, fault } of await faultsOf(start, step)) {
          const world = await startIn(start);
          await world.rotateSecret({ [step]: new Map([[index, fault]]) });
          goOn(world, continuation);
          await world.arrivals();
          await recovers(world);
          scenarios += 1;
        }
        expect(scenarios).toBeGreaterThanOrEqual(FAULTS.length);
      },
    );
  });
});

/** Every call that the step makes when nothing disturbs it, with every fault that can meet it. */
async function faultsOf(start: Start, step: Step): Promise<Array<{ index: number; fault: Fault }>> {
  const healthy = await startIn(start);
  const token = healthy.unfinished ?? healthy.newToken();
  healthy.secret.startRotation(token);
  for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
    await healthy.invoke(earlier, token);
  }
  const before = healthy.calls.length;
  await healthy.invoke(step, token);
  return healthy.calls
    .slice(before)
    .flatMap((call, index) =>
      [...FAULTS, ...(call.sends === undefined ? [] : FAULTS_OF_A_CHANGE)].map((fault) => ({ index, fault })),
    );
}

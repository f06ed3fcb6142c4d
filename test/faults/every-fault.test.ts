import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambda/event.ts';
import { FAULTS } from './faults.ts';
import { CONTINUATIONS, type Continuation, faultsOf, oneFault, STARTS, type Start } from './scenarios.ts';

describe.each(Object.keys(STARTS) as Start[])('starting from %s', (start) => {
  describe.each(STEPS)('one fault in %s', (step) => {
    it.each(Object.keys(CONTINUATIONS) as Continuation[])(
      'is recovered from, whichever call and fault, by: %s',
      async (continuation) => {
        const faults = await faultsOf(start, step);
        for (const fault of faults) {
          await oneFault(start, step, fault, continuation);
        }
        expect(faults.length).toBeGreaterThanOrEqual(FAULTS.length);
      },
    );
  });
});

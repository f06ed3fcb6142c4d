import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambda/event.ts';
import { FaultWorld } from './fault-world.ts';
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

describe('the starting states', () => {
  it('lead through the calls that only trouble leads to: a label put on anew, and a reset by an admin', async () => {
    const restored = new FaultWorld();
    await STARTS['a cluster restored from a backup that only a label-less version remembers'](restored);
    restored.story.length = 0;
    await restored.rotateSecret();
    expect(restored.story).toContainEqual({ event: 'label-retired', versionId: 't1' });

    const reset = new FaultWorld();
    await STARTS['a password set outside, with an admin configured'](reset);
    expect(await reset.rotateSecret()).toEqual({ kind: 'done', outcome: 'promoted' });
    expect(reset.story).toContainEqual({ event: 'change-asked', from: 'admin' });
  });
});

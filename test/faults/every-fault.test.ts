import { describe, expect, it } from 'vitest';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { CONTINUATIONS } from './continuations.ts';
import { FaultWorld } from './fault-world.ts';
import { FAULTS } from './faults.ts';
import { casesOf, faultsOf, INITIAL_STATES, recoverFromFault } from './scenarios.ts';

describe.each(USER_STRATEGY_NAMES.flatMap((strategy) => casesOf(INITIAL_STATES).map((state) => ({ strategy, state }))))(
  '$strategy: starting from $state',
  ({ strategy, state }) => {
    describe.each(STEPS)('after one fault in %s', (step) => {
      it.each(casesOf(CONTINUATIONS))(
        'the next attempt completes, whichever call and fault: %s',
        async (continuation) => {
          const faults = await faultsOf(state, step, { strategy });
          for (const fault of faults) {
            await recoverFromFault(state, step, fault, continuation, { strategy });
          }
          expect(faults.length).toBeGreaterThanOrEqual(FAULTS.length);
        },
      );
    });
  },
);

describe('the initial states', () => {
  it('reach the calls that a healthy rotation never makes: a label added again, and a reset by an admin', async () => {
    const restored = new FaultWorld();
    await INITIAL_STATES['a backup restored to a password that only a version without a label holds'](restored);
    restored.story.length = 0;
    await restored.rotateSecret();
    expect(restored.story).toContainEqual({ event: 'label-retired', versionId: 't1' });

    const reset = new FaultWorld();
    await INITIAL_STATES['a password changed outside, with an admin credential configured'](reset);
    expect(await reset.rotateSecret()).toEqual({ kind: 'done', outcome: 'promoted' });
    expect(reset.story).toContainEqual({ event: 'change-asked', from: 'admin' });
  });
});

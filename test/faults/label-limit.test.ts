import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FaultWorld } from './fault-world.ts';
import { CHANGE_FAULTS, FAULTS } from './faults.ts';
import { expectRecovery, SEED } from './scenarios.ts';

it('30 rotations in a row that fail in setSecret and lose AWSPENDING stay below the limit of labels', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ call: fc.integer({ min: 3, max: 12 }), fault: fc.constantFrom(...FAULTS, ...CHANGE_FAULTS) }),
        { minLength: 30, maxLength: 30 },
      ),
      fc.array(fc.nat(2), { minLength: 30, maxLength: 30 }),
      async (faults, creations) => {
        const world = new FaultWorld();
        for (const [index, { call, fault }] of faults.entries()) {
          const creation = creations[index] ?? 0;
          // Call 4 of createSecret puts the value, and call 5 may remove an older label. 0 stands
          // for no fault.
          const plan = new Map([[3 + creation, 'takes effect and loses its answer' as const]]);
          await world.rotateSecret({
            ...(creation === 0 ? {} : { createSecret: plan }),
            setSecret: new Map([[call, fault]]),
          });
          world.removePendingByHand();
          await world.deliverDelayedChanges();
        }
        expect((await labels(world)).length).toBeLessThanOrEqual(16);
        await expectRecovery(world);
        expect(await labels(world)).toHaveLength(4);
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

async function labels(world: FaultWorld): Promise<string[]> {
  return (await world.secret.describe()).versions.flatMap((version) => version.labels);
}

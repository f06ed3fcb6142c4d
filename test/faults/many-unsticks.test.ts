import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FaultWorld } from './fault-world.ts';
import { FAULTS, FAULTS_OF_A_CHANGE } from './faults.ts';
import { recovers } from './scenarios.ts';

it('thirty rotations in a row that fail in setSecret and are un-stuck by hand run out of no label', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ call: fc.integer({ min: 3, max: 12 }), fault: fc.constantFrom(...FAULTS, ...FAULTS_OF_A_CHANGE) }),
        {
          minLength: 30,
          maxLength: 30,
        },
      ),
      fc.array(fc.nat(2), { minLength: 30, maxLength: 30 }),
      async (faults, creating) => {
        const world = new FaultWorld();
        for (const [index, { call, fault }] of faults.entries()) {
          // The put, or the retirement of a label after it, may be disturbed as well.
          const inCreate = new Map([[3 + (creating[index] ?? 0), 'happens and the answer is lost' as const]]);
          await world.rotateSecret({
            ...(creating[index] === 0 ? {} : { createSecret: inCreate }),
            setSecret: new Map([[call, fault]]),
          });
          world.unstick();
          await world.arrivals();
        }
        const { versions } = await world.secret.describe();
        expect(versions.flatMap(({ labels }) => labels).length).toBeLessThanOrEqual(16);
        await recovers(world);
        expect((await world.secret.describe()).versions.flatMap(({ labels }) => labels)).toHaveLength(4);
      },
    ),
    { seed: 20_260_101, numRuns: 200 },
  );
});

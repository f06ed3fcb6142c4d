import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import { document, SECOND_USER, SECOND_USERS_PASSWORD } from '../support/rotation-world.ts';
import { FaultWorld } from './fault-world.ts';
import { CHANGE_FAULTS, CLUSTER_FAULT, FAULTS, type FaultPlan } from './faults.ts';
import { casesOf, expectRecovery, SEED } from './scenarios.ts';

it('30 rotations in a row that fail in setSecret and lose AWSPENDING stay below the limit of labels', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          call: fc.integer({ min: 3, max: 12 }),
          fault: fc.constantFrom(...FAULTS, CLUSTER_FAULT, ...CHANGE_FAULTS),
        }),
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

/** When somebody removes AWSPENDING: each moment with the faults that stop the rotation there. */
const MOMENTS: Readonly<Record<string, Partial<Record<Step, FaultPlan>>>> = {
  'before the change': { setSecret: new Map([[0, 'the process dies before the call']]) },
  'during the change': {
    setSecret: new Map(
      Array.from({ length: 100 }, (_, call) => [call, 'gets no answer and takes effect after the invocation']),
    ),
  },
  'after the change': { testSecret: new Map([[0, 'the process dies before the call']]) },
};

/**
 * How many rotations in a row lose AWSPENDING, and how many sent labels of another user the secret
 * has.
 */
const ROWS = [
  { rotations: 0, foreignLabels: 'many' },
  { rotations: 1, foreignLabels: 'none' },
  { rotations: 1, foreignLabels: 'many' },
  { rotations: 3, foreignLabels: 'many' },
  { rotations: 12, foreignLabels: 'none' },
] as const;

/** The most labels of the owner with which a secret can always rotate. */
const MAX_OWNER_LABELS = { 'single-user': 16, 'alternating-users': 13 } as const;

const CASES = USER_STRATEGY_NAMES.flatMap((strategy) => casesOf(MOMENTS).map((moment) => ({ strategy, moment })));

describe.each(CASES)('$strategy: after rotations that lost AWSPENDING $moment', ({ strategy, moment }) => {
  it.each(Array.from({ length: MAX_OWNER_LABELS[strategy] + 1 }, (_, owner) => owner))(
    'the next one completes, with %i labels of the owner',
    async (owner) => {
      for (const { rotations, foreignLabels } of ROWS) {
        for (const restored of [false, true]) {
          const foreign = foreignLabels === 'none' ? 0 : MAX_OWNER_LABELS[strategy] - owner;
          const world = await worldWithLabels({ strategy, owner, foreign, restored });
          for (let made = 0; made < rotations; made++) {
            expect(await world.rotateSecret(MOMENTS[moment])).toMatchObject(
              moment === 'during the change' ? { code: 'CHANGE_UNSETTLED' } : { kind: 'killed' },
            );
            world.removePendingByHand();
          }
          await world.deliverDelayedChanges();
          await expectRecovery(world);
          const left = await labels(world);
          expect(left.filter((label) => label.startsWith('owner-'))).toHaveLength(owner);
          expect(left.filter((label) => label.startsWith(sentLabel('foreign-'))).length).toBeGreaterThanOrEqual(
            foreign - Number(restored),
          );
        }
      }
    },
  );
});

it.each(Array.from({ length: 17 }, (_, owner) => owner))(
  'the first rotation of two users changes the password of the second user, or fails, with %i labels of the owner',
  async (owner) => {
    const world = new FaultWorld();
    await world.alternateUsers();
    await world.addOwnersLabels(owner);
    const result = await world.rotateSecret();
    const changed = world.cluster.passwordOf(SECOND_USER) !== SECOND_USERS_PASSWORD;
    expect({ result, changed }).toEqual(
      result.kind === 'done'
        ? { result: { kind: 'done', outcome: 'promoted' }, changed: true }
        : { result: { kind: 'failed', code: 'LABELS_FULL' }, changed: false },
    );
    expect(result.kind === 'done' || owner > MAX_OWNER_LABELS['alternating-users']).toBe(true);
  },
);

/**
 * A secret that was rotated, and has labels of its owner and sent labels of another user.
 *
 * @param restored whether a backup of the cluster was restored whose password is only in a version
 * without a label.
 */
async function worldWithLabels({
  strategy,
  owner,
  foreign,
  restored,
}: {
  strategy: UserStrategyName;
  owner: number;
  foreign: number;
  restored: boolean;
}): Promise<FaultWorld> {
  const world = new FaultWorld();
  await world.useStrategy(strategy);
  await world.rotateSecret();
  const backup = world.backup();
  for (let rotations = 0; rotations < 2; rotations++) {
    await world.rotateSecret();
  }
  await world.addOwnersLabels(owner);
  for (let version = 1; version <= foreign; version++) {
    const versionId = `foreign-${version}`;
    const value = document('Foreign-1', { username: 'another_user' });
    await world.secret.put({ versionId, value, labels: [sentLabel(versionId)] });
  }
  if (restored) {
    world.setPasswordsOutside(backup);
  }
  return world;
}

async function labels(world: FaultWorld): Promise<string[]> {
  return (await world.secret.describe()).versions.flatMap((version) => version.labels);
}

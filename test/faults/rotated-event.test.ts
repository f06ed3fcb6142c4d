import { describe, expect, it } from 'vitest';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { FaultWorld } from './fault-world.ts';
import { FAULTS, type FaultPlan } from './faults.ts';
import { KeyFaultWorld } from './key-fault-world.ts';

interface Rotation {
  /** The names of the calls of finishSecret. */
  readonly calls: readonly string[];
  /** The version of each event. */
  readonly sent: readonly string[];
}

async function rotateUsers(strategy: UserStrategyName, plan: FaultPlan): Promise<Rotation> {
  const world = new FaultWorld();
  await world.useStrategy(strategy);
  const sent: string[] = [];
  world.sendRotated = async ({ versionId }) => {
    expect(world.secret.holder(AWSCURRENT)).toBe(versionId);
    expect(world.applicationsLogIn).toBe(true);
    sent.push(versionId);
  };
  world.secret.startRotation('t1');
  world.invariants.rotationStarted('t1');
  const run = async (steps: readonly (typeof STEPS)[number][]): Promise<void> => {
    for (const step of steps) {
      expect(await world.invoke(step, 't1')).toMatchObject({ kind: 'done' });
    }
  };
  await run(STEPS.slice(0, -1));
  world.calls.length = 0;
  const { kind } = await world.invoke('finishSecret', 't1', plan);
  const calls = world.calls.map(({ name }) => name);
  // Secrets Manager repeats a failed rotation with its token, from createSecret on.
  await run(kind === 'done' ? [] : STEPS);
  return { calls, sent };
}

/** The last step also deletes the key of an earlier rotation. */
async function rotateKey(plan: FaultPlan): Promise<Rotation> {
  const world = new KeyFaultWorld();
  await world.rotateAndWait();
  const sent: string[] = [];
  world.sendRotated = async ({ versionId }) => {
    expect(world.secret.holder(AWSCURRENT)).toBe(versionId);
    sent.push(versionId);
  };
  const result = await world.rotateSecret({ finishSecret: plan });
  const calls = (world.calls.finishSecret ?? []).map(({ name }) => name);
  const token = world.unfinishedToken ?? world.secret.holder(AWSCURRENT) ?? '';
  for (const step of result === 'done' ? [] : STEPS) {
    expect(await world.invoke(step, token, new Map())).toBe('done');
  }
  return { calls, sent };
}

const ROTATIONS: ReadonlyArray<readonly [string, (plan: FaultPlan) => Promise<Rotation>]> = [
  ...USER_STRATEGY_NAMES.map((name) => [name, (plan: FaultPlan) => rotateUsers(name, plan)] as const),
  ['api-key', rotateKey],
];

describe.each(ROTATIONS)('%s: the event', (_, rotate) => {
  it('is sent whichever call of finishSecret fails, and twice only if its own call did', async () => {
    const { calls, sent } = await rotate(new Map());
    expect([calls.at(-1), sent.length]).toEqual(['PutEvents', 1]);
    for (const index of calls.keys()) {
      for (const fault of FAULTS) {
        const after = await rotate(new Map([[index, fault]]));
        const mayRepeat = index === calls.length - 1 && /takes effect|after the call/.test(fault);
        expect({ call: calls[index], fault, sent: after.sent }).toEqual({
          call: calls[index],
          fault,
          sent: mayRepeat ? [...sent, ...sent] : sent,
        });
      }
    }
  });
});

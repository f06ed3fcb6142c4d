import { describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { FaultWorld } from './fault-world.ts';
import { FAULTS, type FaultPlan } from './faults.ts';
import { KeyFaultWorld } from './key-fault-world.ts';

type World = FaultWorld | KeyFaultWorld;

const WORLDS: ReadonlyArray<readonly [string, () => Promise<World>]> = [
  ...USER_STRATEGY_NAMES.map((name) => [name, () => usersWorld(name)] as const),
  ['api-key', keyWorld],
];

async function usersWorld(strategy: (typeof USER_STRATEGY_NAMES)[number]): Promise<World> {
  const world = new FaultWorld();
  await world.useStrategy(strategy);
  return world;
}

/** The last step also deletes the key of an earlier rotation. */
async function keyWorld(): Promise<World> {
  const world = new KeyFaultWorld();
  await world.rotateAndWait();
  return world;
}

/** @returns the names of the calls of finishSecret, and the version of each event */
async function rotate(world: World, plan?: FaultPlan): Promise<{ calls: string[]; sent: string[] }> {
  const sent: string[] = [];
  world.configure({ rotatedEvents: true });
  world.sendRotated = async ({ versionId }) => {
    expect(world.secret.holder(AWSCURRENT)).toBe(versionId);
    expect(world.applicationsLogIn).toBe(true);
    sent.push(versionId);
  };
  const token = world.newToken();
  world.secret.startRotation(token);
  const run = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      expect(await world.invoke(step, token)).toMatchObject({ kind: 'done' });
    }
  };
  await run(STEPS.slice(0, -1));
  world.calls.length = 0;
  const { kind } = await world.invoke('finishSecret', token, plan);
  const calls = world.calls.map(({ name }) => name);
  // Secrets Manager repeats a failed rotation with its token, from createSecret on.
  await run(kind === 'done' ? [] : STEPS);
  return { calls, sent };
}

describe.each(WORLDS)('%s: the event', (_, create) => {
  it('is sent whichever call of finishSecret fails, and twice only if its own call did', async () => {
    const { calls, sent } = await rotate(await create());
    expect([calls.at(-1), sent.length]).toEqual(['PutEvents', 1]);
    for (const index of calls.keys()) {
      for (const fault of FAULTS) {
        const after = await rotate(await create(), new Map([[index, fault]]));
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

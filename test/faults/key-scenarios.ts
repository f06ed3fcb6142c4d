import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { FAULTS, type Protocol } from './faults.ts';
import { KeyFaultWorld } from './key-fault-world.ts';

/** The states in which the rotation of a key may start. */
export const KEY_STATES = {
  'a key never rotated': async (): Promise<unknown> => undefined,
  'a key rotated before': (world: KeyFaultWorld): Promise<unknown> => world.rotateAndWait(),
  'a key rotated twice': async (world: KeyFaultWorld): Promise<unknown> => [
    await world.rotateAndWait(),
    await world.rotateAndWait(),
  ],
  'an orphan of an attempt that died': (world: KeyFaultWorld): Promise<unknown> =>
    world.rotateSecret({ createSecret: new Map([[4, 'the process dies after the call']]) }),
} as const;

export const KEY_CONTINUATIONS: Readonly<Record<string, (world: KeyFaultWorld) => void | Promise<void>>> = {
  'the same token': () => undefined,
  'AWSPENDING removed': (world) => world.secret.removePendingByHand(),
  'the scope of the current key changed': (world) => world.changeScopeOfCurrent(),
  'another key stored by hand': (world) => world.storeAnotherKey(),
  'AWSCURRENT moved back': async (world) => {
    world.secret.removePendingByHand();
    await world.moveCurrentBack();
  },
};

async function worldIn(state: keyof typeof KEY_STATES, protocol?: Protocol): Promise<KeyFaultWorld> {
  const world = new KeyFaultWorld(protocol);
  await KEY_STATES[state](world);
  return world;
}

/** A world whose unfinished rotation is about to run this step. */
export async function keyWorldBefore(
  step: Step,
  state: keyof typeof KEY_STATES,
  protocol?: Protocol,
): Promise<{ world: KeyFaultWorld; token: string }> {
  const world = await worldIn(state, protocol);
  const token = world.unfinishedToken ?? world.newToken();
  world.secret.startRotation(token);
  for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
    await world.invoke(earlier, token);
  }
  world.calls.length = 0;
  return { world, token };
}

/** Plays every fault of every call of a step. @returns their number */
export async function playKeyFaults(
  state: keyof typeof KEY_STATES,
  step: Step,
  continuation: string,
  protocol?: Protocol,
): Promise<number> {
  const { world: healthy, token } = await keyWorldBefore(step, state, protocol);
  await healthy.invoke(step, token);
  const plans = healthy.calls.flatMap((_, index) => FAULTS.map((fault) => new Map([[index, fault]])));
  for (const plan of plans) {
    const world = await worldIn(state, protocol);
    await world.rotateSecret({ [step]: plan });
    await KEY_CONTINUATIONS[continuation]?.(world);
    world.check();
    await world.expectRecovery();
  }
  return plans.length;
}

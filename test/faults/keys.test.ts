import { describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { withEditedProtocol } from './broken-protocol.ts';
import { MINIMUM_GAP_MS } from './fault-world.ts';
import { FAULTS, type Protocol } from './faults.ts';
import { type Actor, type Choose, interleave } from './interleaving.ts';
import { KeyFaultWorld } from './key-fault-world.ts';
import { casesOf, inRandomOrders } from './scenarios.ts';

/** The states in which the rotation of a key may start. */
const STATES = {
  'a key never rotated': async (): Promise<unknown> => undefined,
  'a key rotated before': (world: KeyFaultWorld): Promise<unknown> => world.rotateAndWait(),
  'a key rotated twice': async (world: KeyFaultWorld): Promise<unknown> => [
    await world.rotateAndWait(),
    await world.rotateAndWait(),
  ],
  'an orphan of an attempt that died': (world: KeyFaultWorld): Promise<unknown> =>
    world.rotateSecret({ createSecret: new Map([[4, 'the process dies after the call']]) }),
} as const;

const CONTINUATIONS: Readonly<Record<string, (world: KeyFaultWorld) => void | Promise<void>>> = {
  'the same token': () => undefined,
  'AWSPENDING removed': (world) => world.secret.removePendingByHand(),
  'the scope of the current key changed': (world) => world.changeScopeOfCurrent(),
  'another key stored by hand': (world) => world.storeAnotherKey(),
  'AWSCURRENT moved back': async (world) => {
    world.secret.removePendingByHand();
    await world.moveCurrentBack();
  },
};

async function worldIn(state: keyof typeof STATES, protocol?: Protocol): Promise<KeyFaultWorld> {
  const world = new KeyFaultWorld(protocol);
  await STATES[state](world);
  return world;
}

/** A world whose unfinished rotation is about to run this step. */
async function worldBefore(
  step: Step,
  state: keyof typeof STATES,
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
async function playFaults(
  state: keyof typeof STATES,
  step: Step,
  continuation: string,
  protocol?: Protocol,
): Promise<number> {
  const { world: healthy, token } = await worldBefore(step, state, protocol);
  await healthy.invoke(step, token);
  const plans = healthy.calls.flatMap((_, index) => FAULTS.map((fault) => new Map([[index, fault]])));
  for (const plan of plans) {
    const world = await worldIn(state, protocol);
    await world.rotateSecret({ [step]: plan });
    await CONTINUATIONS[continuation]?.(world);
    world.check();
    await world.expectRecovery();
  }
  return plans.length;
}

describe.each(casesOf(STATES))('starting from %s', (state) => {
  describe.each(STEPS)('after one fault in %s', (step) => {
    it.each(casesOf(CONTINUATIONS))('no key is lost, and none is touched that others own: %s', async (continuation) => {
      expect(await playFaults(state, step, continuation)).toBeGreaterThanOrEqual(FAULTS.length);
    });
  });
});

describe('two concurrent invocations of one step', () => {
  // The other steps create and delete nothing.
  it.each(['createSecret', 'finishSecret'] as const)(
    'lose no key in 300 random orders of their calls: %s',
    async (step) => {
      await inRandomOrders(async (choose) => {
        const { world, token } = await worldBefore(step, 'a key rotated before');
        const invocation: Actor = (withTurns) => world.invoke(step, token, undefined, withTurns(world.ports()));
        await interleave([invocation, invocation], choose);
        await world.expectRecovery();
      }, 300);
    },
  );
});

/**
 * finishSecret of a rotation that moved AWSCURRENT and was killed, while the next rotation runs.
 */
async function repeatFinishLate(choose: Choose, minimumGapMs: number): Promise<void> {
  const { world, token: late } = await worldBefore('finishSecret', 'a key rotated before');
  world.configure({ minimumGapMs });
  await world.secret.promote({ to: late, from: world.secret.holder(AWSCURRENT) ?? '' });
  const repeated: Actor = (withTurns) => world.invoke('finishSecret', late, undefined, withTurns(world.ports()));
  const next: Actor = async (withTurns) => {
    const token = world.newToken();
    world.secret.startRotation(token);
    for (const step of STEPS) {
      await world.invoke(step, token, undefined, withTurns(world.ports()));
    }
  };
  await interleave([repeated, next], choose);
}

it.each([0, MINIMUM_GAP_MS])(
  'a late finishSecret deletes no key that applications hold, in 300 random orders of its calls and those of the next rotation: gap of %i ms',
  async (gap) => {
    await inRandomOrders(async (choose) => await repeatFinishLate(choose, gap), 300);
  },
);

describe('the tests detect a protocol in which', () => {
  const ORPHANS = 'keys/orphans.ts';
  const RETIRED = 'rotation/strategies/retire-keys.ts';
  it.each<[string, string, string, string, Step]>([
    [
      'an orphan stays',
      ORPHANS,
      'return candidates.filter(({ id }) => !versions.some((stored) => mayName(stored, id)));',
      'return [];',
      'createSecret',
    ],
    [
      'an orphan is every key with a similar name',
      ORPHANS,
      'keys.filter((key) => isOfSecret(key, secret))',
      'keys.filter(() => true)',
      'createSecret',
    ],
    [
      'the replaced key is deleted at once',
      RETIRED,
      'isRevocation(token) ? replaced : undefined',
      'replaced',
      'finishSecret',
    ],
  ])('%s', async (_, file, find, replace, step) => {
    await withEditedProtocol({ [file]: { [find]: replace } }, async (protocol) => {
      const play = async (): Promise<void> => {
        for (const state of casesOf(STATES)) {
          for (const continuation of casesOf(CONTINUATIONS)) {
            await playFaults(state, step, continuation, protocol);
          }
        }
      };
      await expect(play()).rejects.toThrow();
    });
  });
});

import { describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { withEditedProtocol } from './broken-protocol.ts';
import { FAULTS } from './faults.ts';
import { interleave } from './interleaving.ts';
import { KeyFaultWorld } from './key-fault-world.ts';
import { casesOf, inRandomOrders, type Protocol } from './scenarios.ts';

/** The states in which the rotation of a key may start. */
const STATES = {
  'a key never rotated': async (): Promise<unknown> => undefined,
  'a key rotated before': (world: KeyFaultWorld): Promise<unknown> => world.rotateSecret(),
  'a key rotated twice': async (world: KeyFaultWorld): Promise<unknown> => [
    await world.rotateSecret(),
    await world.rotateSecret(),
  ],
  'an orphan of an attempt that died': (world: KeyFaultWorld): Promise<unknown> =>
    world.rotateSecret({ createSecret: new Map([[4, 'the process dies after the call']]) }),
} as const;

const CONTINUATIONS: Readonly<Record<string, (world: KeyFaultWorld) => void>> = {
  'the same token': () => undefined,
  'AWSPENDING removed': (world) => world.secret.removePendingByHand(),
  'another key stored by hand': (world) => world.storeAnotherKey(),
};

async function worldIn(state: keyof typeof STATES, protocol?: Protocol): Promise<KeyFaultWorld> {
  const world = new KeyFaultWorld(protocol);
  await STATES[state](world);
  return world;
}

/** Plays every fault of every call of a step. @returns their number */
async function playFaults(
  state: keyof typeof STATES,
  step: Step,
  continuation: string,
  protocol?: Protocol,
): Promise<number> {
  const healthy = await worldIn(state, protocol);
  await healthy.rotateSecret();
  const plans = (healthy.calls[step] ?? []).flatMap((_, index) => FAULTS.map((fault) => new Map([[index, fault]])));
  for (const plan of plans) {
    const world = await worldIn(state, protocol);
    await world.rotateSecret({ [step]: plan });
    CONTINUATIONS[continuation]?.(world);
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
    'lose no key in 1,000 random orders of their calls: %s',
    async (step) => {
      await inRandomOrders(async (choose) => {
        const world = await worldIn('a key rotated before');
        const token = world.newToken();
        world.secret.startRotation(token);
        for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
          await world.invoke(earlier, token, new Map());
        }
        const invocation = (
          withTurns: (ports: ReturnType<KeyFaultWorld['ports']>) => ReturnType<KeyFaultWorld['ports']>,
        ) => world.invoke(step, token, new Map(), withTurns(world.ports()));
        await interleave([invocation, invocation], choose);
        await world.expectRecovery();
      });
    },
  );
});

describe('the tests detect a protocol in which', () => {
  const [STEPS_FILE, ORPHANS_FILE] = ['rotation/strategies/key-steps.ts', 'keys/orphans.ts'];
  it.each<[string, string, string, Step]>([
    ['an orphan stays', 'return candidates.filter(({ id }) => !named.includes(id));', 'return [];', 'createSecret'],
    ['an orphan is every key with a similar name', 'isOfSecret(key, secret) && !labelled', '!labelled', 'createSecret'],
    ['the replaced key is deleted at once', '{ kept: [token, replaced] }', '{ kept: [token] }', 'finishSecret'],
    ['every key in an older version is deleted', 'isOwn && !keptKeys.includes(key.id)', 'isOwn', 'finishSecret'],
    ['replaced keys stay for ever', 'await controlPlane.delete(key.id);', '', 'finishSecret'],
  ])('%s', async (name, find, replace, step) => {
    await withEditedProtocol(
      { [name.includes('orphan') ? ORPHANS_FILE : STEPS_FILE]: { [find]: replace } },
      async (protocol) => {
        const play = async (): Promise<void> => {
          for (const state of casesOf(STATES)) {
            for (const continuation of casesOf(CONTINUATIONS)) {
              await playFaults(state, step, continuation, protocol);
            }
          }
        };
        await expect(play()).rejects.toThrow();
      },
    );
  });
});

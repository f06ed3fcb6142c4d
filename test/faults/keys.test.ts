import { describe, expect, it } from 'vitest';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { MINIMUM_GAP_MS } from './fault-world.ts';
import { FAULTS } from './faults.ts';
import { type Actor, type Choose, interleave } from './interleaving.ts';
import { KeyFaultWorld } from './key-fault-world.ts';
import { KEY_CONTINUATIONS, KEY_STATES, keyWorldBefore, playKeyFaults } from './key-scenarios.ts';
import type { PortCall } from './port-calls.ts';
import { casesOf, inRandomOrders } from './scenarios.ts';

describe.each(casesOf(KEY_STATES))('starting from %s', (state) => {
  describe.each(STEPS)('after one fault in %s', (step) => {
    it.each(casesOf(KEY_CONTINUATIONS))(
      'no key is lost, and none is touched that others own: %s',
      async (continuation) => {
        expect(await playKeyFaults(state, step, continuation)).toBeGreaterThanOrEqual(FAULTS.length);
      },
    );
  });
});

it('a rotation makes the calls of docs/performance.md, in one worker', async () => {
  const world = new KeyFaultWorld();
  const counts: number[][] = [];
  for (const _ of ['the first', 'a later one']) {
    world.calls.length = 0;
    await world.rotateAndWait();
    const to = (port: PortCall['port']): number => world.calls.filter((call) => call.port === port).length;
    // The function reads its pins too, as test/lambda/pins.test.ts proves.
    counts.push([to('Secrets Manager') + 1, to('control plane')]);
  }
  expect(counts).toEqual([
    [10, 3],
    [13, 5],
  ]);
});

describe('two concurrent invocations of one step', () => {
  // The other steps create and delete nothing.
  it.each(['createSecret', 'finishSecret'] as const)(
    'lose no key in 300 random orders of their calls: %s',
    async (step) => {
      await inRandomOrders(async (choose) => {
        const { world, token } = await keyWorldBefore(step, 'a key rotated before');
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
  const { world, token: late } = await keyWorldBefore('finishSecret', 'a key rotated before');
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

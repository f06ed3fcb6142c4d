import { describe, expect, it } from 'vitest';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES, type UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { FaultWorld } from './fault-world.ts';
import { FAULTS, type Fault } from './faults.ts';

interface World {
  readonly world: FaultWorld;
  readonly sent: string[];
}

async function beforeFinishSecret(strategy: UserStrategyName): Promise<World> {
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
  await repeat(world, STEPS.slice(0, -1));
  world.calls.length = 0;
  return { world, sent };
}

async function repeat(world: FaultWorld, steps: readonly (typeof STEPS)[number][]): Promise<void> {
  for (const step of steps) {
    expect(await world.invoke(step, 't1')).toMatchObject({ kind: 'done' });
  }
}

/** Secrets Manager repeats a failed rotation with its token, from createSecret on. */
async function afterFault(strategy: UserStrategyName, index: number, fault: Fault): Promise<World> {
  const { world, sent } = await beforeFinishSecret(strategy);
  const result = await world.invoke('finishSecret', 't1', new Map([[index, fault]]));
  if (result.kind !== 'done') {
    await repeat(world, STEPS);
  }
  return { world, sent };
}

describe.each(USER_STRATEGY_NAMES)('%s: the event', (strategy) => {
  it('is sent whichever call of finishSecret fails, and twice only if its own call did', async () => {
    const { world } = await beforeFinishSecret(strategy);
    await repeat(world, ['finishSecret']);
    const calls = world.calls.map(({ name }) => name);
    expect(calls.at(-1)).toBe('PutEvents');
    for (const index of calls.keys()) {
      for (const fault of FAULTS) {
        const { sent } = await afterFault(strategy, index, fault);
        const mayRepeat = index === calls.length - 1 && /takes effect|after the call/.test(fault);
        expect({ call: calls[index], fault, sent }).toEqual({
          call: calls[index],
          fault,
          sent: mayRepeat ? ['t1', 't1'] : ['t1'],
        });
      }
    }
  });
});

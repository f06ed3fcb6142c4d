import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WorkerMemory } from '../../lambda/worker-memory.ts';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { FaultWorld } from './fault-world.ts';
import { CHANGE_FAULTS, FAULTS, type Fault, type FaultPlan } from './faults.ts';
import { type Actor, interleave } from './interleaving.ts';
import { expectRecovery, rotateToCompletion, SEED } from './scenarios.ts';

const RUNS = Number(process.env['FAULT_RUNS'] ?? 4000);

const stepFault = fc.record({
  step: fc.constantFrom(...STEPS),
  call: fc.nat(8),
  // No story has the fault "the cluster rejects every login", because the stories switch
  // authorization off, and such a cluster rejects no login.
  fault: fc.constantFrom<Fault[]>(...FAULTS, ...CHANGE_FAULTS),
});

type StepFault = Generated<typeof stepFault>;

/** A rotation, a manual change, or a change of the cluster or of the network. */
const scenarioEvent = fc.oneof(
  {
    weight: 8,
    arbitrary: eventOf('RotateSecret', {
      faults: fc.array(stepFault, { maxLength: 2 }),
      timeoutMs: fc.constantFrom(60_000, 60_000, 21_000, 12_000, 5000),
    }),
  },
  eventOf('a step runs again', { rotationsAgo: fc.nat(5), step: fc.constantFrom(...STEPS), fault: stepFault }),
  eventOf('a step runs twice at once', {
    step: fc.constantFrom(...STEPS),
    turns: fc.array(fc.nat(1), { minLength: 16, maxLength: 16 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      'delayed changes arrive',
      'AWSPENDING is removed',
      'the rotation is cancelled',
      'AWSCURRENT is moved back',
      'AWSCURRENT is moved to the pending version',
    ),
  }),
  eventOf('a value is stored by hand', { edit: fc.constantFrom('another key', 'a wrong password') }),
  eventOf('a second secret of the user rotates', {}),
  eventOf('workers run the next steps', { order: fc.array(fc.nat(2), { minLength: 1, maxLength: 8 }) }),
  eventOf('a backup is restored', { index: fc.nat(20) }),
  eventOf('proxies cache the old password', { logins: fc.constantFrom(0, 1, 3, 100) }),
  eventOf('proxies learn of a change late', {
    delaysMs: fc.array(fc.constantFrom(0, 0, 500, 1500, 5000), { minLength: 1, maxLength: 4 }),
    choices: fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
  }),
  eventOf('authorization is switched', { on: fc.boolean() }),
  eventOf('the network is switched', { on: fc.boolean() }),
  eventOf('the policy against every other password is switched', { on: fc.boolean() }),
);

type ScenarioEvent = Generated<typeof scenarioEvent>;

type Generated<A> = A extends fc.Arbitrary<infer T> ? T : never;

function eventOf<const Kind extends string, Fields extends object>(
  kind: Kind,
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
): fc.Arbitrary<{ kind: Kind } & Fields> {
  // The type of `record` loses the names of generic fields.
  return fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<{ kind: Kind } & Fields>;
}

it.each(USER_STRATEGY_NAMES)(
  `no sequence of faults and manual changes breaks an invariant: %s (seed ${SEED}, ${RUNS} runs)`,
  async (strategy) => {
    await fc.assert(
      fc.asyncProperty(fc.array(scenarioEvent, { minLength: 1, maxLength: 14 }), async (events) => {
        const world = new FaultWorld();
        await world.useStrategy(strategy);
        const second = secondSecretOf(world);
        for (const event of events) {
          await play(event, world, second);
        }
        await endFaults(world);
        await expectRecovery(world);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  },
);

async function play(event: ScenarioEvent, world: FaultWorld, second: FaultWorld): Promise<void> {
  switch (event.kind) {
    case 'RotateSecret':
      world.timeout = event.timeoutMs;
      await world.rotateSecret(Object.fromEntries(STEPS.map((step) => [step, planOf(event.faults, step)])));
      world.timeout = 60_000;
      return;
    case 'a step runs again': {
      const { step, rotationsAgo, fault } = event;
      const token = tokenToRepeat(world, step, rotationsAgo);
      if (token !== undefined) {
        await world.invoke(step, token, planOf([{ ...fault, step }], step));
      }
      return;
    }
    case 'a step runs twice at once': {
      const { step } = event;
      const token = tokenToRepeat(world, step);
      if (token !== undefined) {
        const turns = [...event.turns];
        const invocation: Actor = (withTurns) => world.invoke(step, token, undefined, withTurns(world.watchedPorts()));
        await interleave([invocation, invocation], (count) => (count > 1 ? (turns.shift() ?? 0) : 0));
      }
      return;
    }
    case 'workers run the next steps':
      return useWorkers(event.order, world, second);
    case 'a second secret of the user rotates':
      second.invariants.passwordChangedOutside();
      world.invariants.passwordChangedOutside();
      await second.rotateSecret();
      return world.invariants.check();
    case 'a backup is restored': {
      const { history } = world;
      return world.setPasswordsOutside(history[event.index % history.length] ?? {});
    }
    case 'proxies cache the old password':
      world.cluster.staleLogins = event.logins;
      return;
    case 'proxies learn of a change late': {
      let logins = 0;
      const { delaysMs, choices } = event;
      return world.useProxies(delaysMs, (count) => (choices[logins++ % choices.length] ?? 0) % count);
    }
    case 'authorization is switched':
      world.cluster.authorization = event.on;
      return;
    case 'the network is switched':
      world.cluster.reachable = event.on;
      return;
    case 'the policy against every other password is switched':
      world.cluster.refuses = (password) => event.on && /[02468]$/.test(password);
      return;
    case 'a value is stored by hand':
      return event.edit === 'another key' ? world.storeAnotherKey() : world.storeWrongPassword();
    case 'delayed changes arrive':
      return await world.deliverDelayedChanges();
    case 'AWSPENDING is removed':
      return world.removePendingByHand();
    case 'the rotation is cancelled':
      return world.cancelRotation();
    case 'AWSCURRENT is moved back':
      return world.moveCurrentBackByHand();
    case 'AWSCURRENT is moved to the pending version':
      return world.moveCurrentForwardByHand();
  }
}

/**
 * The steps of both secrets run on the workers 0 and 1, in this order. The number 2 stands for a
 * new worker, which runs one step.
 */
function useWorkers(order: readonly number[], world: FaultWorld, second: FaultWorld): void {
  const workers = [world.newWorker(), world.newWorker()];
  let steps = 0;
  const nextWorker = (): WorkerMemory => workers[order[steps++ % order.length] ?? 0] ?? world.newWorker();
  world.nextWorker = nextWorker;
  second.nextWorker = nextWorker;
}

/**
 * The token of a started rotation that may run the step again: Secrets Manager repeats only steps
 * that it has invoked.
 *
 * While authorization is off, no login proves anything. testSecret detects this, so finishSecret
 * never runs then.
 */
function tokenToRepeat(world: FaultWorld, step: Step, rotationsAgo = 0): string | undefined {
  const { startedRotations, cluster } = world;
  const rotation = startedRotations.at(-1 - (rotationsAgo % Math.max(1, startedRotations.length)));
  const mayRun = rotation?.steps.has(step) === true && (step !== 'finishSecret' || cluster.authorization);
  return mayRun ? rotation.token : undefined;
}

function planOf(faults: readonly StepFault[], step: Step): FaultPlan {
  return new Map(faults.filter((fault) => fault.step === step).map(({ call, fault }) => [call, fault]));
}

function secondSecretOf(world: FaultWorld): FaultWorld {
  const second = new FaultWorld(undefined, world.cluster, 'zilliz/second');
  second.passwordPrefix = 'Second-secret';
  return second;
}

/** Ends all faults. If the password was changed outside, a person stores it in the secret. */
async function endFaults(world: FaultWorld): Promise<void> {
  world.cluster.reachable = true;
  world.cluster.authorization = true;
  world.cluster.staleLogins = 0;
  world.cluster.refuses = () => false;
  await world.deliverDelayedChanges();
  if (!world.invariants.everyUserHasStoredPassword) {
    const result = await rotateToCompletion(world);
    // With two users, the next rotation succeeds if the password of the other user is stored.
    if (!world.takesTurns || result.kind === 'failed') {
      expect(result).toEqual({ kind: 'failed', code: 'NONE_IN_FORCE' });
    }
    world.storeAcceptedPasswords();
  }
}

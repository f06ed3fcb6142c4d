import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STEPS, type Step } from '../../lambda/event.ts';
import { FaultWorld } from './fault-world.ts';
import { FAULTS, FAULTS_OF_A_CHANGE, type Fault, type FaultPlan } from './faults.ts';
import { type Actor, interleave } from './interleaving.ts';
import { GIVES_UP, recovers } from './scenarios.ts';

/** Fixed, so that each run is the same. Others are for hunting: `FAULT_SEED=7 FAULT_RUNS=100000 vitest run …`. */
const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_101);
const RUNS = Number(process.env['FAULT_RUNS'] ?? 4000);

interface Faulty {
  readonly step: Step;
  readonly call: number;
  readonly fault: Fault;
}

/** What may happen next in a scenario: to the rotation, to the secret, to the cluster, to the network. */
type Happening =
  | { what: 'RotateSecret'; faults: readonly Faulty[]; milliseconds: number }
  | { what: 'a step runs again'; token: number; step: Step; fault: Faulty }
  | { what: 'a step runs twice at once'; step: Step; turns: readonly number[] }
  | { what: 'a second secret of the user rotates' }
  | { what: 'a backup is restored'; which: number }
  | { what: 'proxies learn late'; logins: number }
  | { what: 'authorization'; on: boolean }
  | { what: 'the network'; up: boolean }
  | { what: 'the cluster refuses every other password'; on: boolean }
  | { what: 'arrivals' | 'un-stuck' | 'cancelled' | 'AWSCURRENT moved back' }
  | { what: 'stored by hand'; change: 'another key' | 'a wrong password' };

const faulty: fc.Arbitrary<Faulty> = fc.record({
  step: fc.constantFrom(...STEPS),
  call: fc.nat(8),
  fault: fc.constantFrom<Fault>(...FAULTS, ...FAULTS_OF_A_CHANGE),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('RotateSecret' as const),
      faults: fc.array(faulty, { maxLength: 2 }),
      milliseconds: fc.constantFrom(60_000, 60_000, 21_000, 12_000, 5000),
    }),
  },
  fc.record({
    what: fc.constant('a step runs again' as const),
    token: fc.nat(5),
    step: fc.constantFrom(...STEPS),
    fault: faulty,
  }),
  fc.record({
    what: fc.constant('a step runs twice at once' as const),
    step: fc.constantFrom(...STEPS),
    turns: fc.array(fc.nat(1), { minLength: 16, maxLength: 16 }),
  }),
  fc.record({ what: fc.constantFrom('arrivals', 'un-stuck', 'cancelled', 'AWSCURRENT moved back') }),
  fc.record({
    what: fc.constant('stored by hand' as const),
    change: fc.constantFrom('another key' as const, 'a wrong password' as const),
  }),
  fc.record({ what: fc.constant('a second secret of the user rotates' as const) }),
  fc.record({ what: fc.constant('a backup is restored' as const), which: fc.nat(20) }),
  fc.record({ what: fc.constant('proxies learn late' as const), logins: fc.constantFrom(0, 1, 3, 100) }),
  fc.record({ what: fc.constant('authorization' as const), on: fc.boolean() }),
  fc.record({ what: fc.constant('the network' as const), up: fc.boolean() }),
  fc.record({ what: fc.constant('the cluster refuses every other password' as const), on: fc.boolean() }),
);

it(`no sequence of faults and hands breaks an invariant (seed ${SEED}, ${RUNS} runs)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 14 }), async (story) => {
      const world = new FaultWorld();
      const second = secondSecretOf(world);
      for (const next of story) {
        await happen(next, world, second);
      }
      await everythingIsWellAgain(world);
      await recovers(world);
    }),
    { seed: SEED, numRuns: RUNS },
  );
}, 600_000);

async function happen(next: Happening, world: FaultWorld, second: FaultWorld): Promise<void> {
  switch (next.what) {
    case 'RotateSecret': {
      world.timeout = next.milliseconds;
      const plans = Object.fromEntries(STEPS.map((step) => [step, planOf(next.faults, step)]));
      await world.rotateSecret(plans);
      world.timeout = 60_000;
      return;
    }
    case 'a step runs again': {
      // Secrets Manager never asks for a later step than it has come to; an earlier one may run once more.
      const known = world.begun.at(-1 - (next.token % Math.max(1, world.begun.length)));
      // While authorization is off no login proves anything. testSecret notices, and finishSecret never runs without it.
      const unprovable = next.step === 'finishSecret' && !world.cluster.authorization;
      if (known?.steps.has(next.step) === true && !unprovable) {
        await world.invoke(next.step, known.token, planOf([{ ...next.fault, step: next.step }], next.step));
      }
      return;
    }
    case 'a step runs twice at once': {
      const last = world.begun.at(-1);
      if (last?.steps.has(next.step) === true && (next.step !== 'finishSecret' || world.cluster.authorization)) {
        const turns = [...next.turns];
        const invocation: Actor = (gated) =>
          world.invoke(next.step, last.token, undefined, gated(world.watchedPorts()));
        await interleave([invocation, invocation], (among) => (among > 1 ? (turns.shift() ?? 0) : 0));
      }
      return;
    }
    case 'a second secret of the user rotates': {
      second.invariants.clusterWasChangedByHand();
      world.invariants.clusterWasChangedByHand();
      await second.rotateSecret();
      world.invariants.check();
      return;
    }
    case 'a backup is restored': {
      const past = world.passwordsInForce;
      world.setPasswordByHand(past[next.which % past.length] ?? '');
      return;
    }
    case 'proxies learn late':
      world.cluster.staleLogins = next.logins;
      return;
    case 'authorization':
      world.cluster.authorization = next.on;
      return;
    case 'the network':
      world.cluster.reachable = next.up;
      return;
    case 'the cluster refuses every other password':
      world.cluster.refuses = (password) => next.on && /[02468]$/.test(password);
      return;
    case 'stored by hand':
      world.storeByHand(next.change);
      return;
    case 'arrivals':
      await world.arrivals();
      return;
    case 'un-stuck':
      world.unstick();
      return;
    case 'cancelled':
      world.cancelRotation();
      return;
    case 'AWSCURRENT moved back':
      world.moveCurrentBackByHand();
      return;
  }
}

function planOf(faults: readonly Faulty[], step: Step): FaultPlan {
  return new Map(faults.filter((one) => one.step === step).map(({ call, fault }) => [call, fault]));
}

function secondSecretOf(world: FaultWorld): FaultWorld {
  const second = new FaultWorld(undefined, world.cluster);
  second.passwordPrefix = 'Second-secret';
  return second;
}

/** All faults end; and where somebody changed the password behind our back, they store it, as the error advised. */
async function everythingIsWellAgain(world: FaultWorld): Promise<void> {
  world.cluster.reachable = true;
  world.cluster.authorization = true;
  world.cluster.staleLogins = 0;
  world.cluster.refuses = () => false;
  await world.arrivals();
  if (!world.invariants.someStoredVersionAuthenticates) {
    let ended = await world.rotateSecret();
    if (ended.kind === 'failed' && GIVES_UP.includes(ended.code)) {
      ended = await world.rotateSecret();
    }
    expect(ended).toEqual({ kind: 'failed', code: 'NONE_IN_FORCE' });
    world.storeByHand('the password in force');
  }
}

import fc from 'fast-check';
import { expect } from 'vitest';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { DEFAULT_STRATEGY } from '../../protocol/rotation/strategies/strategies.ts';
import type { UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, sentLabel } from '../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD } from '../support/rotation-world.ts';
import { CONTINUATIONS, type Continuation } from './continuations.ts';
import { FaultWorld } from './fault-world.ts';
import { CHANGE_FAULTS, CLUSTER_FAULT, FAULTS, type Fault, type InvocationResult, type Protocol } from './faults.ts';
import { type Actor, type Choose, everyOrder, interleave } from './interleaving.ts';

/** Fixed. To search with other seeds: `FAULT_SEED=7 FAULT_RUNS=100000 vitest run …`. */
export const SEED: number = Number(process.env['FAULT_SEED'] ?? 20_260_101);

/** The keys of a table below, as cases of a test. */
export function casesOf<Case extends string>(table: Readonly<Record<Case, unknown>>): Case[] {
  return Object.keys(table) as Case[];
}

/** The states in which a rotation may start. */
export const INITIAL_STATES = {
  'a secret never rotated': async (): Promise<void> => undefined,
  'a secret rotated before': async (world: FaultWorld): Promise<void> => {
    await world.rotateSecret();
  },
  'a worker that remembers each step': async (world: FaultWorld): Promise<void> => {
    const worker = world.newWorker();
    world.nextWorker = () => worker;
  },
  'a changed password whose AWSPENDING was removed before the promotion': async (world: FaultWorld): Promise<void> => {
    await world.rotateSecret({ testSecret: new Map([[0, 'the process dies before the call']]) });
    world.removePendingByHand();
  },
  'proxies that cache the old password': async (world: FaultWorld): Promise<void> => {
    world.cluster.staleLogins = 2;
  },
  'one of two proxies that learns of a change late': async (world: FaultWorld): Promise<void> => {
    world.useProxies([0, 4000]);
  },
  'a cluster that refuses the next password': async (world: FaultWorld): Promise<void> => {
    world.cluster.refuses = (password) => password === 'Generated-password-1';
  },
  'a backup restored to a password that only a version without a label holds': async (
    world: FaultWorld,
  ): Promise<void> => {
    await world.rotateSecret();
    const backup = world.backup();
    for (let rotations = 0; rotations < 3; rotations++) {
      await world.rotateSecret();
    }
    world.setPasswordsOutside(backup);
  },
  'a password changed outside, with an admin credential configured': async (world: FaultWorld): Promise<void> => {
    world.configureAdmin();
    world.setPasswordsOutside({ [world.nextUser]: 'Set-in-the-console-1' });
  },
  'a password changed outside, an admin credential, and a cluster that refuses the next password': async (
    world: FaultWorld,
  ): Promise<void> => {
    await INITIAL_STATES['a password changed outside, with an admin credential configured'](world);
    world.cluster.refuses = (password) => password === 'Generated-password-1';
  },
  'a restored password among older versions that cannot be decrypted': async (world: FaultWorld): Promise<void> => {
    await INITIAL_STATES['a backup restored to a password that only a version without a label holds'](world);
    world.secret.undecryptable.add('t2');
  },
  'labels of the owner, and rotations whose AWSPENDING was removed': async (world: FaultWorld): Promise<void> => {
    await world.addOwnersLabels(8);
    for (let rotations = 1; rotations <= 9; rotations++) {
      await world.rotateSecret({ setSecret: new Map([[0, 'the process dies before the call']]) });
      world.removePendingByHand();
    }
  },
  'as many labels of the owner as a rotation allows, and a changed password whose AWSPENDING was removed': async (
    world: FaultWorld,
  ): Promise<void> => {
    // Two users that take turns need three labels more.
    await world.addOwnersLabels(world.takesTurns ? 13 : 16);
    await world.rotateSecret();
    await INITIAL_STATES['a changed password whose AWSPENDING was removed before the promotion'](world);
  },
  'a secret moved from another cluster user': async (world: FaultWorld): Promise<void> => {
    world.cluster.addUser('another_user', 'Another-password-1');
    await moveSecretFrom(world, { username: 'another_user' });
  },
  'a secret moved from another host': async (world: FaultWorld): Promise<void> => {
    await moveSecretFrom(world, { endpoint: 'http://127.0.0.1:19531' });
  },
} as const;

/** AWSPREVIOUS and a stranded version, each with a sent label, name another host or user. */
async function moveSecretFrom(world: FaultWorld, target: Record<string, string>): Promise<void> {
  for (const versionId of ['another-stranded', 'another-previous']) {
    world.secret.storeByHand(versionId, document('Another-password-1', target));
    await world.secret.addLabel({ label: sentLabel(versionId), to: versionId });
    world.otherUsersVersions.push(versionId);
  }
  world.secret.storeByHand('moved-here', document(FIRST_PASSWORD));
}

export type InitialState = keyof typeof INITIAL_STATES;

/** What a scenario tests. Default: the product's protocol with the default strategy. */
export interface Subject {
  readonly protocol?: Protocol;
  readonly strategy?: UserStrategyName;
}

async function worldIn(
  state: InitialState,
  { protocol, strategy = DEFAULT_STRATEGY }: Subject = {},
): Promise<FaultWorld> {
  const world = new FaultWorld(protocol);
  await world.useStrategy(strategy);
  await INITIAL_STATES[state](world);
  return world;
}

/** A world whose unfinished rotation is about to run this step. */
async function worldBefore(
  step: Step,
  subject?: Subject,
  state: InitialState = 'a secret never rotated',
): Promise<{ world: FaultWorld; token: string }> {
  const world = await worldIn(state, subject);
  const token = world.unfinishedToken ?? world.newToken();
  world.secret.startRotation(token);
  world.invariants.rotationStarted(token);
  for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
    await world.invoke(earlier, token);
  }
  return { world, token };
}

/** The failures after which a rotation removes AWSPENDING, because it can never be promoted. */
const PENDING_REMOVED: readonly string[] = ['PASSWORD_REFUSED', 'CURRENT_MOVED'];

/** Rotates, and rotates once more if the first rotation removed its own AWSPENDING. */
export async function rotateToCompletion(world: FaultWorld): Promise<InvocationResult> {
  const result = await world.rotateSecret();
  return result.kind === 'failed' && PENDING_REMOVED.includes(result.code) ? await world.rotateSecret() : result;
}

/** Checks invariant 4: the next attempt completes the rotation without a manual change. */
export async function expectRecovery(world: FaultWorld): Promise<void> {
  const note = currentNote(world);
  expect(await rotateToCompletion(world)).toMatchObject({ kind: 'done' });
  expect(world.applicationsLogIn).toBe(true);
  expect(world.unfinishedToken).toBeUndefined();
  expect(currentNote(world)).toBe(note);
  for (const versionId of world.otherUsersVersions) {
    expect(world.secret.labelsOf(versionId)).toContain(sentLabel(versionId));
  }
}

/** The key that a manual edit added to AWSCURRENT. */
function currentNote(world: FaultWorld): unknown {
  const current = world.secret.valueOf(world.secret.holder(AWSCURRENT) ?? '') ?? '{}';
  return (JSON.parse(current) as { note?: unknown }).note;
}

interface CallFault {
  /** The call of the step, counted from 0. */
  readonly index: number;
  readonly fault: Fault;
}

/** Every fault of every call that the step makes without faults. */
export async function faultsOf(state: InitialState, step: Step, subject?: Subject): Promise<CallFault[]> {
  const { world, token } = await worldBefore(step, subject, state);
  const before = world.calls.length;
  await world.invoke(step, token);
  return world.calls
    .slice(before)
    .flatMap((call, index) =>
      [
        ...FAULTS,
        ...(call.port === 'cluster' ? [CLUSTER_FAULT] : []),
        ...(call.newPassword === undefined ? [] : CHANGE_FAULTS),
      ].map((fault): { index: number; fault: Fault } => ({ index, fault })),
    );
}

/** Runs a rotation with one fault, then the continuation. The next attempt must complete. */
export async function recoverFromFault(
  state: InitialState,
  step: Step,
  { index, fault }: CallFault,
  continuation: Continuation,
  subject?: Subject,
): Promise<void> {
  const world = await worldIn(state, subject);
  await world.rotateSecret({ [step]: new Map([[index, fault]]) });
  await CONTINUATIONS[continuation](world);
  await world.deliverDelayedChanges();
  await expectRecovery(world);
}

/** What a person may do to the secret at any moment. */
export const MANUAL_CHANGES = {
  'stores another key': (world: FaultWorld): void => world.storeAnotherKey(),
  'stores a wrong password': (world: FaultWorld): void => world.storeWrongPassword(),
  'removes AWSPENDING': (world: FaultWorld): void => world.removePendingByHand(),
  'cancels the rotation': (world: FaultWorld): void => world.cancelRotation(),
  'moves AWSCURRENT back to the previous version': (world: FaultWorld): void => world.moveCurrentBackByHand(),
  'moves AWSCURRENT to the pending version': (world: FaultWorld): void => world.moveCurrentForwardByHand(),
} as const;

/**
 * Makes the manual change between every two calls of a rotation. The next attempt must complete.
 *
 * @returns the number of moments at which the change was made.
 */
export async function changeBetweenCalls(
  manualChange: keyof typeof MANUAL_CHANGES,
  subject?: Subject,
  state: InitialState = 'a secret never rotated',
): Promise<number> {
  return await everyOrder(async (choose) => {
    const world = await worldIn(state, subject);
    await world.rotateSecret();
    const person: Actor = async (_, turn) => {
      await turn();
      MANUAL_CHANGES[manualChange](world);
    };
    const rotation: Actor = async (withTurns) => {
      const result = await world.rotateSecret({}, () => withTurns(world.watchedPorts()));
      succeeded = result.kind === 'done';
    };
    let succeeded = false;
    await interleave([rotation, person], choose);
    // A step must not report success for a version that a person moved and nobody proved.
    if (succeeded && manualChange === 'moves AWSCURRENT to the pending version') {
      expect(world.applicationsLogIn, 'the rotation succeeded').toBe(true);
    }
    await expectRecovery(world);
  });
}

/** Runs two invocations of a step at once. The next attempt must complete. */
export async function runAtOnce(step: Step, choose: Choose, subject?: Subject, state?: InitialState): Promise<void> {
  const { world, token } = await worldBefore(step, subject, state);
  const invocation: Actor = (withTurns) => world.invoke(step, token, undefined, withTurns(world.watchedPorts()));
  await interleave([invocation, invocation], choose);
  await expectRecovery(world);
}

/** Runs a scenario in random orders of its calls. */
export async function inRandomOrders(scenario: (choose: Choose) => Promise<void>, numRuns = 1000): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }), async (turns) => {
      await scenario((count) => Math.min(turns.shift() ?? 0, count - 1));
    }),
    { seed: SEED, numRuns, includeErrorInReport: true },
  );
}

/** Runs an invocation during the next rotation, in random orders of their calls. */
export async function outliveRotation(step: Step, subject?: Subject, state?: InitialState): Promise<void> {
  await inRandomOrders((choose) => outliveRotationInOrder(choose, step, subject, state));
}

async function outliveRotationInOrder(
  choose: Choose,
  step: Step,
  subject?: Subject,
  state?: InitialState,
): Promise<void> {
  const { world, token } = await worldBefore(step, subject, state);
  const invocation: Actor = (withTurns) => world.invoke(step, token, undefined, withTurns(world.watchedPorts()));
  const nextRotation: Actor = async (withTurns, turn) => {
    await turn();
    // Deletes no version: Secrets Manager keeps a version for at least a day, and an invocation
    // lasts minutes.
    world.secret.removePendingByHand();
    await world.rotateSecret({}, () => withTurns(world.watchedPorts()));
  };
  await interleave([invocation, nextRotation], choose);
  world.removePendingByHand();
  await expectRecovery(world);
}

/**
 * Rotates behind two proxies, of which one learns of the change late, in 300 random orders in
 * which logins reach them. Each first attempt must succeed, and AWSCURRENT must seldom move before
 * both proxies know the password.
 */
export async function promoteBehindSlowProxies(subject?: Subject): Promise<void> {
  const choices = fc.infiniteStream(fc.nat(1));
  const delayMs = fc.constantFrom(1500, 3000, 5000);
  const runs = fc.sample(fc.tuple(choices, delayMs), { seed: SEED, numRuns: 300 });
  let early = 0;
  for (const [stream, delay] of runs) {
    const world = await worldIn('a secret never rotated', subject);
    world.useProxies([0, delay], () => stream.next().value as number);
    expect(await world.rotateSecret()).toMatchObject({ kind: 'done' });
    early += world.cluster.everyProxyKnows(world.usernameIn(AWSCURRENT) ?? '') ? 0 : 1;
  }
  expect(early, 'AWSCURRENT moved before every proxy knew the password').toBeLessThanOrEqual(runs.length * 0.03);
}

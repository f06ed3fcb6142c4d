import { expect } from 'vitest';
import { STEPS, type Step } from '../../lambda/event.ts';
import type { rotate } from '../../lambda/rotation/rotation.ts';
import { AWSCURRENT } from '../../secret/versions.ts';
import { document, USER } from '../support/rotation-world.ts';
import { FaultWorld } from './fault-world.ts';
import { FAULTS, FAULTS_OF_A_CHANGE, type Fault } from './faults.ts';
import { type Actor, type Choose, everyOrder, interleave } from './interleaving.ts';

export type Protocol = typeof rotate;

/** The states that a rotation may begin in. */
export const STARTS = {
  'a secret never rotated': async (): Promise<void> => undefined,
  'a secret rotated before': async (world: FaultWorld): Promise<void> => {
    await world.rotateSecret();
  },
  'a change that was never promoted and un-stuck by hand': async (world: FaultWorld): Promise<void> => {
    await world.rotateSecret({ testSecret: new Map([[0, 'the process dies before it']]) });
    world.unstick();
  },
  'proxies that learn late of a change': async (world: FaultWorld): Promise<void> => {
    world.cluster.staleLogins = 2;
  },
  'a cluster that refuses the next password': async (world: FaultWorld): Promise<void> => {
    world.cluster.refuses = (password) => password === 'Generated-password-1';
  },
  'a cluster restored from a backup that only a label-less version remembers': async (
    world: FaultWorld,
  ): Promise<void> => {
    await world.rotateSecret();
    const backup = world.cluster.passwordOf(USER) ?? '';
    for (let later = 0; later < 3; later++) {
      await world.rotateSecret();
    }
    world.setPasswordByHand(backup);
  },
  'a password set outside, with an admin configured': async (world: FaultWorld): Promise<void> => {
    world.cluster.addUser('root', 'Root-password-0').superUsers = ['root'];
    world.readAdmin = () => Promise.resolve('root:Root-password-0');
    world.setPasswordByHand('Set-in-the-console-1');
  },
} as const;

export type Start = keyof typeof STARTS;

async function startIn(start: Start, protocol?: Protocol): Promise<FaultWorld> {
  const world = new FaultWorld(protocol);
  await STARTS[start](world);
  return world;
}

/** What happens between a failed rotation and the next attempt. */
export const CONTINUATIONS = {
  'the same token': (): void => undefined,
  'AWSPENDING removed by hand and a new token': (world: FaultWorld): void => world.unstick(),
  'CancelRotateSecret, AWSPENDING removed by hand and a new token': (world: FaultWorld): void => {
    world.cancelRotation();
    world.unstick();
  },
  'another key stored by hand and a new token': (world: FaultWorld): void => world.storeByHand('another key'),
  'a wrong password stored by hand and a new token': (world: FaultWorld): void => world.storeByHand('a wrong password'),
} as const;

export type Continuation = keyof typeof CONTINUATIONS;

function goOn(world: FaultWorld, continuation: Continuation): void {
  CONTINUATIONS[continuation](world);
}

/** The failures that end a rotation on purpose: the pending version can never serve, and is given up for another. */
export const GIVES_UP: readonly string[] = ['PASSWORD_REFUSED', 'CURRENT_MOVED'];

/**
 * Invariant 4: once the faults have ended, the next attempt completes the rotation with no human hand. An attempt that
 * meets a password which the cluster refuses for good, or a current version that a person edited meanwhile, gives its
 * own version up: the one after it must complete.
 */
export async function recovers(world: FaultWorld): Promise<void> {
  const edited = noteIn(world);
  let ended = await world.rotateSecret();
  if (ended.kind === 'failed' && GIVES_UP.includes(ended.code)) {
    ended = await world.rotateSecret();
  }
  expect(ended).toMatchObject({ kind: 'done' });
  expect(world.applicationsLogIn).toBe(true);
  expect(world.unfinished).toBeUndefined();
  expect(noteIn(world)).toBe(edited);
}

function noteIn(world: FaultWorld): unknown {
  const current = world.secret.valueOf(world.secret.holder(AWSCURRENT) ?? '') ?? '{}';
  return (JSON.parse(current) as { note?: unknown }).note;
}

/** Every call that the step makes when nothing disturbs it, with every fault that can meet it. */
export async function faultsOf(
  start: Start,
  step: Step,
  protocol?: Protocol,
): Promise<Array<{ index: number; fault: Fault }>> {
  const healthy = await startIn(start, protocol);
  const token = healthy.unfinished ?? healthy.newToken();
  healthy.secret.startRotation(token);
  for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
    await healthy.invoke(earlier, token);
  }
  const before = healthy.calls.length;
  await healthy.invoke(step, token);
  return healthy.calls
    .slice(before)
    .flatMap((call, index) =>
      [...FAULTS, ...(call.sends === undefined ? [] : FAULTS_OF_A_CHANGE)].map((fault) => ({ index, fault })),
    );
}

/** One fault, one way to go on from it, and the attempt that must complete. */
export async function oneFault(
  start: Start,
  step: Step,
  { index, fault }: { index: number; fault: Fault },
  continuation: Continuation,
  protocol?: Protocol,
): Promise<void> {
  const world = await startIn(start, protocol);
  await world.rotateSecret({ [step]: new Map([[index, fault]]) });
  goOn(world, continuation);
  await world.arrivals();
  await recovers(world);
}

/** What a person may do to the secret at any moment. */
export const HANDS = {
  'stores another key': (world: FaultWorld): void => world.storeByHand('another key'),
  'stores a wrong password': (world: FaultWorld): void => world.storeByHand('a wrong password'),
  'removes AWSPENDING': (world: FaultWorld): void => world.unstick(),
  'cancels the rotation': (world: FaultWorld): void => world.cancelRotation(),
  'moves AWSCURRENT back to the version before': (world: FaultWorld): void => world.moveCurrentBackByHand(),
} as const;

export type Hand = keyof typeof HANDS;

/** A person does it between any two calls of a rotation; the next attempt must complete. */
export async function interferes(hand: Hand, protocol?: Protocol): Promise<number> {
  return await everyOrder(async (choose) => {
    const world = await startIn('a secret rotated before', protocol);
    const person: Actor = async (_, turn) => {
      await turn();
      HANDS[hand](world);
    };
    await interleave([(gated) => world.rotateSecret({}, () => gated(world.watchedPorts())), person], choose);
    await recovers(world);
  });
}

/** An invocation goes on while its rotation is un-stuck and another runs. */
export async function outlives(step: Step, choose: Choose, protocol?: Protocol): Promise<void> {
  const world = await due(step, protocol);
  const slow: Actor = (gated) => world.invoke(step, 't1', undefined, gated(world.watchedPorts()));
  const next: Actor = async (gated, turn) => {
    await turn();
    // No deletion: a version is kept for a day at least, and an invocation lives for minutes.
    world.secret.removePendingByHand();
    await world.rotateSecret({}, () => gated(world.watchedPorts()));
  };
  await interleave([slow, next], choose);
  world.unstick();
  await recovers(world);
}

/** Someone plants a pending version that names another user: nothing may be sent for that one. */
export async function planted(step: Step, protocol?: Protocol): Promise<void> {
  const world = await startIn('a secret never rotated', protocol);
  const value = document('Planted-password-1', { username: 'intruder', token: 'intruder:Planted-password-1' });
  await world.secret.put({ versionId: 'planted', value, labels: ['AWSPENDING'] });
  expect(await world.invoke(step, 'planted')).toEqual({ kind: 'failed', code: 'PENDING_MISMATCH' });
  world.unstick();
  await recovers(world);
}

/** The world at the moment at which this step is due. */
export async function due(step: Step, protocol?: Protocol): Promise<FaultWorld> {
  const world = await startIn('a secret never rotated', protocol);
  const token = world.newToken();
  world.secret.startRotation(token);
  for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
    await world.invoke(earlier, token);
  }
  return world;
}

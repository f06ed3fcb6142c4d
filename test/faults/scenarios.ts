import { expect } from 'vitest';
import type { rotate } from '../../lambda/rotation/rotation.ts';
import { AWSCURRENT } from '../../secret/versions.ts';
import { FaultWorld } from './fault-world.ts';

type Protocol = typeof rotate;

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
} as const;

export type Start = keyof typeof STARTS;

export async function startIn(start: Start, protocol?: Protocol): Promise<FaultWorld> {
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

export function goOn(world: FaultWorld, continuation: Continuation): void {
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

import type { RotationPorts } from '../../lambda/rotation/ports.ts';
import { aroundEachCall } from './port-calls.ts';

/** Ports whose every call waits for its turn. */
export type Gated = (ports: RotationPorts) => RotationPorts;

/** Somebody who acts at the same time as others: an invocation, or a person. */
export type Actor = (gated: Gated, turn: () => Promise<void>) => Promise<unknown>;

/** Who of those that wait goes next: an index below `among`. */
export type Choose = (among: number) => number;

/** Lets several act at once, one port call at a time, in the order that `choose` decides. */
export async function interleave(actors: readonly Actor[], choose: Choose): Promise<void> {
  const waiting: Array<() => void> = [];
  let alive = actors.length;
  const turn = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    return promise;
  };
  const gated: Gated = (ports) =>
    aroundEachCall(ports, async (_, perform) => {
      await turn();
      return await perform();
    });
  const all = Promise.all(
    actors.map(async (actor) => {
      try {
        await actor(gated, turn);
      } finally {
        alive -= 1;
      }
    }),
  );
  // Awaited at the end; until then a failure of one actor must not end the process.
  all.catch(() => undefined);
  // The fakes answer within microtasks, so after one turn of the event loop everybody alive waits for a turn.
  for (await settled(); alive > 0; await settled()) {
    const [next] = waiting.splice(choose(waiting.length), 1);
    if (next === undefined) {
      break;
    }
    next();
  }
  await all;
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs a scenario once for every order of turns there is, by going back to the last choice that had another way. */
export async function everyOrder(scenario: (choose: Choose) => Promise<void>): Promise<number> {
  let path: Array<{ taken: number; among: number }> = [];
  for (let orders = 1; ; orders++) {
    const walked: typeof path = [];
    await scenario((among) => {
      const taken = path[walked.length]?.taken ?? 0;
      walked.push({ taken, among });
      return taken;
    });
    const last = walked.findLastIndex(({ taken, among }) => taken + 1 < among);
    const turned = walked[last];
    if (turned === undefined) {
      return orders;
    }
    path = [...walked.slice(0, last), { ...turned, taken: turned.taken + 1 }];
  }
}

import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import { interceptCalls } from './port-calls.ts';

/** Returns ports whose every call waits for a turn. */
export type WithTurns = (ports: RotationPorts) => RotationPorts;

/** An invocation or a person that acts concurrently with others. */
export type Actor = (withTurns: WithTurns, turn: () => Promise<void>) => Promise<unknown>;

/** Chooses which waiting actor gets the next turn: an index below `count`. */
export type Choose = (count: number) => number;

/** Runs the actors concurrently, one port call at a time, in the order that `choose` decides. */
export async function interleave(actors: readonly Actor[], choose: Choose): Promise<void> {
  const waiting: Array<() => void> = [];
  let running = actors.length;
  const turn = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    return promise;
  };
  const withTurns: WithTurns = (ports) =>
    interceptCalls(ports, async (_, perform) => {
      await turn();
      return await perform();
    });
  const all = Promise.all(actors.map((actor) => actor(withTurns, turn).finally(() => (running -= 1))));
  // Prevents an unhandled rejection before `all` is awaited below.
  all.catch(() => undefined);
  // The fakes answer within microtasks: after one turn of the event loop, every running actor
  // waits for a turn.
  for (await eventLoopTurn(); running > 0; await eventLoopTurn()) {
    const [next] = waiting.splice(choose(waiting.length), 1);
    if (next === undefined) {
      break;
    }
    next();
  }
  await all;
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Runs the scenario once for every possible order of turns. This is a depth-first search: each run
 * repeats the choices of the run before up to the last choice with an untried alternative.
 *
 * @returns the number of orders.
 */
export async function everyOrder(scenario: (choose: Choose) => Promise<void>): Promise<number> {
  let prefix: Array<{ chosen: number; count: number }> = [];
  for (let orders = 1; ; orders++) {
    const choices: typeof prefix = [];
    await scenario((count) => {
      const chosen = prefix[choices.length]?.chosen ?? 0;
      choices.push({ chosen, count });
      return chosen;
    });
    const last = choices.findLastIndex(({ chosen, count }) => chosen + 1 < count);
    const choice = choices[last];
    if (choice === undefined) {
      return orders;
    }
    prefix = [...choices.slice(0, last), { ...choice, chosen: choice.chosen + 1 }];
  }
}

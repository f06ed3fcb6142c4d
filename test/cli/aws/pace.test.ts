import { describe, expect, it } from 'vitest';
import { createPace } from '../../../cli/aws/pace.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const STOPPED = new AbortController();
STOPPED.abort();
const RUNNING = new AbortController().signal;

/** The times of turns that all wait from the beginning, in milliseconds. */
async function timesOf(turns: number, perSecond: number, cost?: (index: number) => number): Promise<number[]> {
  const clock = createFakeClock(0);
  const pace = createPace(clock, perSecond, RUNNING);
  return await Promise.all(
    Array.from({ length: turns }, async (_, index) => {
      await pace.wait(cost?.(index));
      return clock.now();
    }),
  );
}

describe('a pace', () => {
  it('spreads turns evenly, and waits longer after a turn that uses more of the rate', async () => {
    expect(await timesOf(4, 10, (index) => (index === 2 ? 5 : 1))).toEqual([0, 100, 200, 700]);
  });

  it('allows no more turns a second than its rate, also after a time without turns', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 10, RUNNING);
    await pace.wait();
    clock.advance(60_000);
    const times = await Promise.all(
      Array.from({ length: 40 }, async () => {
        await pace.wait();
        return clock.now();
      }),
    );

    const inSecond = (from: number): number => times.filter((time) => time >= from && time < from + 1000).length;
    expect(Math.max(...times.map(inSecond))).toBe(10);
  });

  it('stops for a second after throttled calls, also for calls that already wait', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 2, RUNNING);
    await pace.wait();
    const waiting = pace.wait();
    clock.after(100, () => pace.pause());
    clock.after(150, () => pace.pause());

    await waiting;

    expect(clock.now()).toBe(1150);
  });

  it('lets every call continue at once after a stop', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 1, STOPPED.signal);

    await Promise.all([pace.wait(), pace.wait(), pace.wait()]);

    expect(clock.now()).toBe(0);
  });
});

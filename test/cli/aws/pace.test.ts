import { describe, expect, it } from 'vitest';
import { createPace, type Pace } from '../../../cli/aws/pace.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

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

/** The time from one turn to the next, in milliseconds. */
async function intervalOf(pace: Pace, clock: FakeClock): Promise<number> {
  await pace.wait();
  const from = clock.now();
  await pace.wait();
  return clock.now() - from;
}

describe('a pace', () => {
  it('spreads turns evenly, in the order in which they ask', async () => {
    const times = await timesOf(5, 10);

    expect(times).toEqual([0, 100, 200, 300, 400]);
  });

  it('waits longer after a turn that uses more of the rate', async () => {
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

  it('makes up for turns that start late, for at most a fifth of a second', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 20, RUNNING);
    const times: number[] = [];
    const turns = Array.from({ length: 10 }, async () => {
      await pace.wait();
      times.push(clock.now());
    });
    // The machine is busy for a second, and no timer fires.
    clock.after(60, () => clock.advance(1000));
    await Promise.all(turns);

    expect(times).toEqual([0, 50, 1060, 1060, 1060, 1060, 1060, 1110, 1160, 1210]);
  });

  it('drops to the half once for all throttled calls of a moment, and stops for a second', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 40, RUNNING);
    await pace.wait();

    for (let call = 0; call < 20; call++) pace.slowDown();

    await pace.wait();
    expect(clock.now()).toBe(1000);
    await pace.wait();
    expect(clock.now()).toBe(1050);
  });

  it('moves the time of calls that already wait', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 2, RUNNING);
    await pace.wait();
    const waiting = pace.wait();
    clock.after(100, () => pace.slowDown());

    await waiting;

    expect(clock.now()).toBe(1100);
  });

  it('recovers the full rate within half a minute without a throttled call', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 40, RUNNING);
    pace.slowDown();

    clock.advance(11_000);
    expect(await intervalOf(pace, clock)).toBeCloseTo(1000 / 28);
    clock.advance(15_000);
    expect(await intervalOf(pace, clock)).toBe(1000 / 40);
  });

  it('keeps a lowest rate, so that no call waits for ever', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 50, RUNNING);
    for (let second = 0; second < 60; second += 2) {
      pace.slowDown();
      clock.advance(2000);
    }

    expect(await intervalOf(pace, clock)).toBeLessThanOrEqual(1000);
  });

  it('lets every call continue at once after a stop', async () => {
    const clock = createFakeClock(0);
    const pace = createPace(clock, 1, STOPPED.signal);

    await Promise.all([pace.wait(), pace.wait(), pace.wait()]);

    expect(clock.now()).toBe(0);
  });
});

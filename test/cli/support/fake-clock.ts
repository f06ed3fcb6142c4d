import type { Clock } from '../../../cli/clock.ts';

export interface FakeClock extends Clock {
  /** Runs the action when the fake time comes to it. */
  after(milliseconds: number, action: () => void): void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Time that passes only when everybody waits for it: five minutes take as long as the code between them. */
export function createFakeClock(start: number = Date.parse('2026-03-01T12:00:00Z')): FakeClock {
  let now = start;
  let timers: Timer[] = [];
  let turning = false;

  const turn = (): void => {
    turning = false;
    const next = timers.reduce<Timer | undefined>(
      (first, timer) => (first && first.at <= timer.at ? first : timer),
      undefined,
    );
    if (next !== undefined) {
      timers = timers.filter((timer) => timer !== next);
      now = Math.max(now, next.at);
      next.fire();
      schedule();
    }
  };
  const schedule = (): void => {
    if (!turning && timers.length > 0) {
      turning = true;
      // A full turn of the event loop: every promise that can settle without time passing has settled.
      setImmediate(turn);
    }
  };
  const add = (timer: Timer): void => {
    timers.push(timer);
    schedule();
  };

  return {
    now: () => now,
    after: (milliseconds, action) => add({ at: now + milliseconds, fire: action }),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const timer: Timer = { at: now + milliseconds, fire: resolve };
        signal.addEventListener('abort', () => {
          timers = timers.filter((other) => other !== timer);
          resolve();
        });
        add(timer);
      }),
  };
}

import type { WallClock } from '../../../cli/clock.ts';

export interface FakeClock extends WallClock {
  /** Runs the action after the fake time. */
  after(milliseconds: number, action: () => void): void;
  /** Lets time pass between two commands. */
  advance(milliseconds: number): void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that jumps to the next timer as soon as all code waits for the time. */
export function createFakeClock(start: number = Date.parse('2026-03-01T12:00:00Z')): FakeClock {
  let now = start;
  let timers: Timer[] = [];
  let scheduled = false;

  const fireNext = (): void => {
    scheduled = false;
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
    if (!scheduled && timers.length > 0) {
      scheduled = true;
      // After a full turn of the event loop, every promise has settled that does not wait for the
      // time.
      setImmediate(fireNext);
    }
  };
  const add = (timer: Timer): void => {
    timers.push(timer);
    schedule();
  };

  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    after: (milliseconds, action) => add({ at: now + milliseconds, fire: action }),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const interrupt = (): void => {
          timers = timers.filter((other) => other !== timer);
          resolve();
        };
        const timer: Timer = {
          at: now + milliseconds,
          fire: () => {
            // A test sleeps thousands of times, and each new listener is compared with all others.
            signal.removeEventListener('abort', interrupt);
            resolve();
          },
        };
        signal.addEventListener('abort', interrupt);
        add(timer);
      }),
  };
}

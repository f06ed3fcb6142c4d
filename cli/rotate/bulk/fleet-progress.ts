import type { WallClock } from '../../clock.ts';
import { formatDuration } from '../../terminal/time.ts';
import type { RotateOutcome } from '../report.ts';
import { isFailure } from './failure-limit.ts';

/** How the rotations of a fleet are going. */
export interface FleetProgress {
  began(): void;
  ended(outcome: RotateOutcome): void;
  readonly counts: { readonly ended: number; readonly failed: number };
  /** One line: counts, rate and remaining time. */
  line(): string;
}

/** The time over which the rate is measured. */
const WINDOW_MS = 10_000;

export function createFleetProgress(total: number, clock: WallClock): FleetProgress {
  const startedAt = clock.now();
  const counts = { running: 0, ended: 0, rotated: 0, failed: 0 };
  let ends: number[] = [];

  const endsPerSecond = (): number => {
    const now = clock.now();
    ends = ends.filter((at) => now - at < WINDOW_MS);
    return (1000 * ends.length) / Math.max(1000, Math.min(WINDOW_MS, now - startedAt));
  };

  return {
    counts,
    began: () => {
      counts.running += 1;
    },
    ended: (outcome) => {
      counts.running -= 1;
      counts.ended += 1;
      counts.rotated += outcome.kind === 'rotated' || outcome.kind === 'unconfirmed' ? 1 : 0;
      counts.failed += isFailure(outcome) ? 1 : 0;
      ends.push(clock.now());
    },
    line: () => {
      const rate = endsPerSecond();
      const left = rate === 0 ? undefined : (1000 * (total - counts.ended)) / rate;
      return [
        `${counts.ended} of ${total} ended: ${counts.rotated} rotated, ${counts.failed} not`,
        `${counts.running} running`,
        `${rate.toFixed(1)} a second`,
        ...(counts.ended === total
          ? []
          : [left === undefined ? 'remaining time not known' : `about ${formatDuration(roundUp(left))} left`]),
      ].join(', ');
    },
  };
}

function roundUp(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000) * 1000;
}

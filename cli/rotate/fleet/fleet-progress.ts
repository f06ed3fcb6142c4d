import { InvalidArgumentError } from 'commander';
import type { WallClock } from '../../clock.ts';
import { formatDuration } from '../../terminal/time.ts';
import { isComplete, type RotateOutcome } from '../report.ts';

/** How many rotations may fail before no further rotation starts. */
export type FailureLimit = { readonly share: number } | { readonly count: number };

/** A share says nothing about a few rotations. */
const SMALLEST_SAMPLE = 20;

/** A parser for commander: `10%` or `5`. */
export function parseFailureLimit(text: string): FailureLimit {
  const [, number = '', percent] = /^(\d{1,5})(%?)$/.exec(text) ?? [];
  if (number === '' || (percent === '%' && Number(number) > 100)) {
    throw new InvalidArgumentError('Expected a share such as 10%, or a number of secrets.');
  }
  return percent === '%' ? { share: Number(number) / 100 } : { count: Number(number) };
}

/** Counts the rotations of a fleet. */
export class FleetProgress {
  running = 0;
  ended = 0;
  rotated = 0;
  /** Without a rotation that Ctrl-C left to AWS, or that the minimum gap does not allow yet. */
  failed = 0;
  readonly #total: number;
  readonly #clock: WallClock;
  readonly #startedAt: number;

  constructor(total: number, clock: WallClock) {
    this.#total = total;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  end(outcome: RotateOutcome): void {
    const isRotated = isComplete(outcome);
    const mayWait = 'code' in outcome && ['interrupted', 'ROTATED_TOO_RECENTLY'].includes(outcome.code);
    this.running -= 1;
    this.ended += 1;
    this.rotated += isRotated ? 1 : 0;
    this.failed += isRotated || mayWait ? 0 : 1;
  }

  exceeds(limit: FailureLimit): boolean {
    return 'count' in limit
      ? this.failed > limit.count
      : this.ended >= SMALLEST_SAMPLE && this.failed > limit.share * this.ended;
  }

  /** One line: counts and remaining time. */
  get line(): string {
    const { ended, rotated, failed, running } = this;
    const perRotation = (this.#clock.now() - this.#startedAt) / ended;
    const left = Math.ceil((perRotation * (this.#total - ended)) / 1000) * 1000;
    return [
      `${ended} of ${this.#total} ended: ${rotated} rotated, ${failed} not`,
      `${running} running`,
      ...(ended === this.#total || ended === 0 ? [] : [`about ${formatDuration(left)} left`]),
    ].join(', ');
  }
}

import { InvalidArgumentError } from 'commander';
import type { Advice } from './advice.ts';

/** Wrong arguments. The message says what was wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError' as const;
  readonly advice: Advice;

  constructor(message: string, advice: Advice) {
    super(message);
    this.advice = advice;
  }
}

/** A wrong value of an argument or option. Commander prints which one. */
export class ValueError extends InvalidArgumentError {
  /** @param expected what the option accepts */
  constructor(expected: Advice) {
    super(expected);
  }
}

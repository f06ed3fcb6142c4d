import { InvalidArgumentError } from 'commander';

/** Wrong arguments. The message says what was wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError' as const;
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** A wrong value of an argument or option. Commander prints which one. */
export class ValueError extends InvalidArgumentError {
  /** @param expected what the option accepts */
  constructor(expected: string) {
    super(expected);
  }
}
